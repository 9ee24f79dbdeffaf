package extract

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// writeTurns says in an argument by how many degrees pages are turned.
func writeTurns(turns map[int]int) string {
	var said []string
	for _, page := range slices.Sorted(maps.Keys(turns)) {
		said = append(said, fmt.Sprintf("%d:%d", page, turns[page]))
	}
	return strings.Join(said, ",")
}

func readTurns(said string) map[int]int {
	turns := map[int]int{}
	for one := range strings.SplitSeq(said, ",") {
		page, degrees, _ := strings.Cut(one, ":")
		n, err := strconv.Atoi(page)
		if err != nil {
			continue
		}
		if turns[n], err = strconv.Atoi(degrees); err != nil {
			delete(turns, n)
		}
	}
	return turns
}
