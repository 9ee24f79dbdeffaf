package pdf

import (
	"fmt"
	"strings"
	"testing"
)

func TestOrderColumns(t *testing.T) {
	// A writer that goes line by line across both columns.
	var zigzag []Line
	for i := range 10 {
		top := float64(700 - 14*i)
		for _, col := range []struct {
			name        string
			left, right float64
		}{{"left", 50, 280}, {"right", 310, 540}} {
			zigzag = append(zigzag, Line{text: fmt.Sprint(col.name, i), left: col.left, right: col.right,
				top: top + 10, bottom: top, firstTop: top + 10, firstBottom: top, size: 10, letters: 30})
		}
	}
	var got []string
	for _, l := range orderColumns(zigzag) {
		got = append(got, l.text)
	}
	want := "left0 left1 left2 left3 left4 left5 left6 left7 left8 left9 " +
		"right0 right1 right2 right3 right4 right5 right6 right7 right8 right9"
	if strings.Join(got, " ") != want {
		t.Errorf("order %v", got)
	}
}
