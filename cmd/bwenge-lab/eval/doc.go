// Package eval measures the box on sets that it has not seen: retrieval,
// speech and answers. It only asks and counts; what is measured comes in as
// small functions, and each report has the JSON that `bwenge-lab eval` prints.
// docs/evaluation.md says how each figure is judged and what the box reaches.
package eval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
	"unicode"
)

// ReadLines reads a JSONL file. Empty lines are skipped; a line that is no
// JSON object of this type ends it with the line's number.
func ReadLines[T any](r io.Reader) ([]T, error) {
	var items []T
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var item T
		if err := json.Unmarshal(lines.Bytes(), &item); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		items = append(items, item)
	}
	return items, lines.Err()
}

// percentile returns the smallest value that at least the share p of values
// does not exceed, in milliseconds; 0 of none.
func percentile(values []time.Duration, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	i := int(math.Ceil(p*float64(len(sorted)))) - 1
	return round(float64(sorted[max(i, 0)].Microseconds())/1000, 1)
}

// isWordRune reports whether a character is part of a word.
func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// share returns part/whole to four digits, and 0 of nothing.
func share[N int | float64](part N, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return round(float64(part)/float64(whole), 4)
}
