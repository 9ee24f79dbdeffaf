package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
)

var update = flag.Bool("update", false, "write the golden files anew")

func countWords(_ context.Context, texts []string) ([]int, error) {
	counts := make([]int, len(texts))
	for i, text := range texts {
		counts[i] = len(strings.Fields(text))
	}
	return counts, nil
}

// countPieces counts four bytes as a token, which no word boundary respects.
func countPieces(_ context.Context, texts []string) ([]int, error) {
	counts := make([]int, len(texts))
	for i, text := range texts {
		counts[i] = (len(text) + 3) / 4
	}
	return counts, nil
}

func all(sections []appliance.Section) iter.Seq2[appliance.Section, error] {
	return func(yield func(appliance.Section, error) bool) {
		for _, s := range sections {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func chunksOf(t testing.TB, c chunker, sections ...appliance.Section) (chunks []appliance.Chunk) {
	t.Helper()
	c.setDefaults()
	if c.most == 0 {
		c.most = 500
	}
	c.emit = func(some []appliance.Chunk) error {
		chunks = append(chunks, some...)
		return nil
	}
	if err := c.chunkAll(t.Context(), all(sections)); err != nil {
		t.Fatal(err)
	}
	for i, x := range chunks {
		if n, _ := c.count(t.Context(), []string{passageText(x)}); n[0] > c.most || n[0] != x.Tokens || x.Seq != i || x.Text == "" || !utf8.ValidString(x.Text) {
			t.Fatalf("chunk %d has %d tokens, says %d: %+v", i, n[0], x.Tokens, x)
		}
	}
	return chunks
}

// TestGolden shows how real shapes of material are cut. The files are meant to
// be read.
func TestGolden(t *testing.T) {
	long := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Sentence %d of this text says something about plants. ", i+1)
		}
		return b.String()
	}
	page := func(n int, text string) appliance.Section {
		return appliance.Section{Text: text, Place: appliance.Place{Page: n}}
	}
	slide := func(n int, heading, text string) appliance.Section {
		return appliance.Section{Text: text, Heading: heading, Place: appliance.Place{Slide: n}}
	}
	var spoken []appliance.Section
	for i := range 14 {
		text := fmt.Sprintf("and the teacher goes on with point %d", i)
		if i%3 == 2 {
			text += ", which ends here."
		}
		spoken = append(spoken, appliance.Section{Text: text, Place: appliance.Place{Start: float64(4 * i), End: float64(4*i + 3)}})
	}
	for name, sections := range map[string][]appliance.Section{
		"pages": {page(1, long(6)), page(2, "3"), page(3, long(5)), page(4, long(2))},
		"slides": {slide(1, "Plants", "Plants"), slide(2, "Plants › Light", "Light\n\n• the sun shines on the leaf\n• the leaf is green because of chlorophyll\n• sugar is made of water and air"),
			slide(3, "Plants › Water", "Roots take in water. It rises in the stem. It leaves through the leaves, and more follows from below.")},
		"lists":         {{Text: "The planets:\n\nMercury\t0.39\nVenus\t0.72\nEarth\t1.00\nMars\t1.52\n\nJupiter is the largest of them all.", Place: appliance.Place{Page: 1}}},
		"wrapped":       {page(1, "This paragraph was broken into lines to fit the width\nof a page by the program that wrote it, and its sentences\nrun over the ends of lines. They are joined. As they\nshould be.\n\nThis is the next paragraph.")},
		"long sentence": {page(1, strings.Repeat("and so it goes on and on without any end in sight, ", 12)+"until it stops. Then comes another.")},
		"spoken":        spoken,
		"table": {{Text: "The census was taken in 2021.", Heading: "People", Place: appliance.Place{Page: 3}},
			{Heading: "People", Place: appliance.Place{Page: 3}, Table: &appliance.Table{Caption: "Table 2: Sectors", Columns: []string{"Sector", "People", "Schools"},
				Rows: [][]string{{"Tumba", "21,000", "12"}, {"Remera", "25,480", "9"}, {"Zaza", "9,241", "4"}, {"Lunga", "12,020", "12"}, {"Yove", "8,100", "2"}}}},
			{Heading: "People", Place: appliance.Place{Page: 4}, Table: &appliance.Table{Caption: "Table 2: Sectors", Columns: []string{"Sector", "People", "Schools"}, Part: 1,
				Rows: [][]string{{"Kamara", "31,097", "17"}, {"Pera", "7,311", "17"}, {"Dusenge", "5,010", "8"}}}},
			{Text: "These numbers are rounded.", Heading: "People", Place: appliance.Place{Page: 4}}},
		"list of steps": {page(1, long(3)+"\n\nTo make soap at home, do this:\n1. Melt the fat slowly in a clean pot over a small fire.\n2. Stir the lye into cold water, never the other way round.\n3. Pour the lye into the fat when both are warm to the hand.\n4. Stir until the spoon leaves a trace that stays for a moment.\n5. Pour it into the mould and wait for three weeks.")},
		"short sections": {{Text: "Cool the skin under clean running water.", Heading: "First aid › Burns"}, {Text: "Do not move the arm. Call the nurse at once, please.", Heading: "First aid › Broken bones"},
			{Text: "Press a cloth on it.", Heading: "First aid › Cuts"}, {Text: "Pinch the nose, lean forward.", Heading: "First aid › Nosebleed"},
			{Text: "Keep this page at the wall of the classroom, where everybody sees it.", Heading: "Notes"}},
		"languages": {page(1, "Les plantes utilisent la lumière du soleil pour fabriquer du sucre avec de l'eau. Elles sont vertes."),
			page(2, "Mimea hutumia mwanga wa jua kutengeneza sukari kutoka kwa maji na hewa. Majani yake ni ya kijani kwa sababu ya klorofili."),
			page(3, "Ibimera bikoresha urumuri rw'izuba kugira ngo bikore isukari biyikuye mu mazi no mu mwuka. Amababi yabyo ni icyatsi kibisi.")},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, c := range chunksOf(t, chunker{Chunking: Chunking{Target: 40, Tiny: 8}, count: countWords, most: 200}, sections...) {
				place, err := json.Marshal(c.Place)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "--- %d: %s", c.Seq, place)
				if c.Heading != "" {
					fmt.Fprintf(&b, " %q", c.Heading)
				}
				fmt.Fprintf(&b, " %s, %d tokens\n%s\n", c.Language, c.Tokens, c.Text)
				if c.Table != nil {
					fmt.Fprintf(&b, "table %d, %d rows\n", c.TableNo, len(c.Table.Rows))
				}
				for _, m := range c.Marks {
					fmt.Fprintf(&b, "%v: %q\n", m.Start, shortenTo(c.Text[m.At:], 20))
				}
			}
			golden := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", b.String(), want)
			}
		})
	}
}

func shortenTo(s string, n int) string { return s[:min(n, len(s))] }

// Nothing is lost, whatever comes in, and no chunk is longer than a vector can
// hold.
func FuzzChunks(f *testing.F) {
	f.Add("One. Two! Three?\n\nFour\nfive", 30)
	f.Add(strings.Repeat("x", 5000), 10)
	f.Add(strings.Repeat("é ", 500), 12)
	f.Add("a\n\n\n\nb\x00\u200b", 5)
	f.Fuzz(func(t *testing.T, text string, target int) {
		target = 2 + (target%100+100)%100
		text = strings.ToValidUTF8(text[:min(len(text), 20_000)], "")
		c := chunker{Chunking: Chunking{Target: target}, count: countPieces, most: 2*target + maxHeading}
		var kept strings.Builder
		for _, x := range chunksOf(t, c, appliance.Section{Text: text, Heading: "A › B", Place: appliance.Place{Page: 1}}) {
			kept.WriteString(x.Text)
		}
		// Overlaps repeat, but every letter is there, in order.
		rest := kept.String()
		for _, r := range text {
			if unicode.IsSpace(r) {
				continue
			}
			i := strings.IndexRune(rest, r)
			if i < 0 {
				t.Fatalf("%q was lost", r)
			}
			rest = rest[i+utf8.RuneLen(r):]
		}
	})
}

func TestHugeLine(t *testing.T) {
	if testing.Short() {
		t.Skip("a short run: this cuts a line of many megabytes; make test tries it")
	}
	n, bytes := 0, 0
	c := chunker{Chunking: Chunking{}, most: 500, count: countPieces}
	c.setDefaults()
	c.emit = func(some []appliance.Chunk) error {
		for _, x := range some {
			n, bytes = n+1, bytes+len(x.Text)
		}
		if cap(c.waiting) > 100_000 || len(c.ready) > 1000 {
			return errors.New("too much is kept in memory")
		}
		return nil
	}
	line := strings.Repeat("word ", 1<<20) + strings.Repeat("x", 5<<20)
	if err := c.chunkAll(t.Context(), all([]appliance.Section{{Text: line}})); err != nil {
		t.Fatal(err)
	}
	if bytes < len(line)*9/10 || n < 5000 {
		t.Fatalf("%d chunks with %d of %d bytes", n, bytes, len(line))
	}
}

func TestCountErrorEndsChunking(t *testing.T) {
	c := chunker{most: 100, count: func(context.Context, []string) ([]int, error) { return nil, errChanged }}
	c.setDefaults()
	if err := c.chunkAll(t.Context(), all([]appliance.Section{{Text: "One."}})); !errors.Is(err, errChanged) {
		t.Fatal(err)
	}
}

func TestPassageText(t *testing.T) {
	for _, test := range []struct{ heading, text, want string }{
		{"", "Text.", "Text."},
		{"Plants › Light", "Text.", "Plants › Light\nText."},
		{"Plants", "Plants\nText.", "Plants\nText."},
		{strings.Repeat("x", 100) + " › Plants › Light and all that there is to it", "Text.", "Plants › Light and all that there is to it\nText."},
		{strings.Repeat("é", 100), "Text.", strings.Repeat("é", 60) + "\nText."},
	} {
		if got := passageText(appliance.Chunk{Heading: test.heading, Text: test.text}); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestRowThatIsCutCountsOnce(t *testing.T) {
	long := strings.Repeat("remark and remark ", 60)
	table := &appliance.Table{Columns: []string{"Name", "Goats", "Remarks"}, Rows: [][]string{{"Ada", "3", long}, {"Ben", "4", "none"}}, Repeats: [][]int{nil, {1}}}
	rows, repeats := 0, 0
	for _, c := range chunksOf(t, chunker{Chunking: Chunking{Target: 40, Tiny: 8}, count: countWords, most: 120}, appliance.Section{Table: table}) {
		if c.Table != nil {
			rows += len(c.Table.Rows)
			for _, r := range c.Table.Repeats {
				repeats += len(r)
			}
		}
	}
	if rows != 2 || repeats != 1 {
		t.Errorf("%d rows, %d repeated cells; want 2 and 1", rows, repeats)
	}
}

func TestRowsUnderOtherColumnsAreAnotherTable(t *testing.T) {
	part := func(n int, column string) appliance.Section {
		return appliance.Section{Table: &appliance.Table{Part: n, Columns: []string{"Name", column}, Rows: [][]string{{"Ada", "3"}}}}
	}
	chunks := chunksOf(t, chunker{Chunking: Chunking{Target: 40, Tiny: 2}, count: countWords, most: 120}, part(0, "Goats"), part(1, "Goats"), part(1, "Hens"))
	if n := chunks[len(chunks)-1].TableNo; n != 2 {
		t.Errorf("table %d: %+v", n, chunks)
	}
}
