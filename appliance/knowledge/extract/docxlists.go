package extract

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

const (
	// listLevels is how deep Word's lists go.
	listLevels = 9
	// maxNumbering bounds the lists of a document and the values of a counter.
	maxLists  = 5000
	maxNumber = 32_767 // Word's own limit
)

// numbering computes what Word writes before the paragraphs of its lists, which
// the file does not hold.
type numbering struct {
	lists  map[string]*listKind // by abstractNumId
	nums   map[string]*listNum  // by numId
	linked map[string]string    // names of list styles to their abstractNumId
	styles *docxStyles
}

// listKind is how a list looks, and where it stands.
type listKind struct {
	levels  [listLevels]listLevel
	link    string // name of the list style that says how it looks
	count   [listLevels]int
	started [listLevels]bool
}

type listLevel struct {
	start   int
	format  string // such as "decimal"
	text    string // such as "%1.%2."
	style   string // of the paragraphs that have it
	restart int    // -1: after every higher level; 0: never; n: after level n
	legal   bool   // all numbers in digits
	font    string // of a bullet
}

// listNum is one use of a list.
type listNum struct {
	list   string
	levels map[int]listLevel // that look otherwise here
	start  map[int]int       // where it begins anew
	used   bool
}

// readNumbering reads the lists of a document.
func readNumbering(a *parts.Archive, part string, styles *docxStyles) (*numbering, error) {
	n := &numbering{lists: map[string]*listKind{}, nums: map[string]*listNum{}, linked: map[string]string{}, styles: styles}
	err := parts.Walk(a, part, true, func(x *parts.Reader, t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "abstractNum" && e.Name.Local != "num" {
			return nil
		}
		tree, err := x.Tree(e, 5000)
		if err != nil {
			return err
		}
		if len(n.lists)+len(n.nums) >= maxLists {
			return nil
		}
		if tree.Name == "abstractNum" {
			n.addList(tree)
		} else {
			n.addNum(tree)
		}
		return nil
	})
	if parts.IsLimit(err) {
		return nil, err
	}
	return n, nil
}

func (n *numbering) addList(tree *parts.Node) {
	l := &listKind{link: tree.Child("numStyleLink").Val()}
	for i := range l.levels {
		l.levels[i] = listLevel{start: 1, restart: -1}
	}
	for _, k := range tree.Kids {
		if i, err := strconv.Atoi(k.Attr("ilvl")); k.Name == "lvl" && err == nil && i >= 0 && i < listLevels {
			l.levels[i] = listLevelOf(k)
		}
	}
	id := tree.Attr("abstractNumId")
	n.lists[id] = l
	if style := tree.Child("styleLink").Val(); style != "" {
		n.linked[style] = id
	}
}

func listLevelOf(k *parts.Node) listLevel {
	l := listLevel{start: 1, restart: -1, format: "decimal"}
	if v, err := strconv.Atoi(k.Child("start").Val()); err == nil {
		l.start = v
	} else if k.Child("start") == nil {
		l.start = 0
	}
	if f := k.Child("numFmt"); f != nil {
		l.format = f.Val()
	}
	l.text = k.Child("lvlText").Val()
	l.style = k.Child("pStyle").Val()
	if v, err := strconv.Atoi(k.Child("lvlRestart").Val()); err == nil {
		l.restart = v
	}
	l.legal = k.Child("isLgl").On()
	l.font = k.Child("rPr").Child("rFonts").Attr("ascii")
	return l
}

func (n *numbering) addNum(tree *parts.Node) {
	num := &listNum{list: tree.Child("abstractNumId").Val(), levels: map[int]listLevel{}, start: map[int]int{}}
	for _, k := range tree.Kids {
		i, err := strconv.Atoi(k.Attr("ilvl"))
		if k.Name != "lvlOverride" || err != nil || i < 0 || i >= listLevels {
			continue
		}
		if lvl := k.Child("lvl"); lvl != nil {
			num.levels[i] = listLevelOf(lvl)
			num.start[i] = num.levels[i].start
		}
		if v, err := strconv.Atoi(k.Child("startOverride").Val()); err == nil {
			num.start[i] = v
		}
	}
	n.nums[tree.Attr("numId")] = num
}

// list finds how a use of a list looks; a list may point to the list of a style.
func (n *numbering) list(num *listNum) *listKind {
	l := n.lists[num.list]
	for range 5 {
		if l == nil || l.link == "" {
			return l
		}
		if id, ok := n.linked[l.link]; ok {
			l = n.lists[id]
		} else if of := n.nums[n.styles.list(l.link)]; of != nil {
			l = n.lists[of.list]
		} else {
			return l
		}
	}
	return l
}

// levelOf finds the level that a list gives to the paragraphs of a style.
func (n *numbering) levelOf(numID, style string) int {
	if num := n.nums[numID]; num != nil && style != "" {
		for i, l := range num.levels {
			if l.style == style {
				return i
			}
		}
		if l := n.list(num); l != nil {
			for i := range l.levels {
				if l.levels[i].style == style {
					return i
				}
			}
		}
	}
	return 0
}

// next counts a paragraph and returns what stands before it.
func (n *numbering) next(numID string, level int) string {
	num := n.nums[numID]
	if num == nil {
		return ""
	}
	l := n.list(num)
	if l == nil {
		return ""
	}
	level = min(max(level, 0), listLevels-1)
	look := func(i int) listLevel {
		if own, ok := num.levels[i]; ok {
			return own
		}
		return l.levels[i]
	}
	if !num.used {
		num.used = true
		for i := range listLevels {
			if start, ok := num.start[i]; ok {
				l.count[i], l.started[i] = start-1, true
			}
		}
	}
	if !l.started[level] {
		l.count[level], l.started[level] = look(level).start-1, true
	}
	l.count[level] = min(l.count[level]+1, maxNumber)
	for i := level + 1; i < listLevels; i++ {
		if r := look(i).restart; r != 0 && (r < 0 || level < r) {
			l.count[i], l.started[i] = look(i).start-1, true
		}
	}
	own := look(level)
	if own.format == "bullet" {
		return bulletMark(own.font, own.text)
	}
	if own.format == "none" {
		return strings.TrimSpace(withoutNumbers(own.text))
	}
	return clean.Clip(strings.TrimSpace(fillNumbers(own.text, func(i int) string {
		if i > level {
			return ""
		}
		format := look(i).format
		if own.legal && format != "decimalZero" {
			format = "decimal"
		}
		if !l.started[i] { // shown before it is counted
			return formatNumber(format, look(i).start)
		}
		return formatNumber(format, l.count[i])
	})), 200)
}

// fillNumbers puts numbers where a list's text says %1 to %9.
func fillNumbers(text string, number func(level int) string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+1 < len(text) && text[i+1] >= '1' && text[i+1] <= '9' {
			b.WriteString(number(int(text[i+1] - '1')))
			i++
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func withoutNumbers(text string) string { return fillNumbers(text, func(int) string { return "" }) }

// bulletMark is how a list's bullet is written: all alike, but those that say
// something of the item.
func bulletMark(font, text string) string {
	text, _ = letters.SymbolText(font, text)
	switch text = strings.TrimSpace(text); text {
	case "✓", "✔", "✗", "✘", "☐", "☑", "☒":
		return text
	}
	return "-"
}

// formatNumber writes a number as a list does.
func formatNumber(format string, n int) string {
	switch format {
	case "lowerLetter":
		return letterNumber(n)
	case "upperLetter":
		return strings.ToUpper(letterNumber(n))
	case "lowerRoman":
		return letters.LowerRoman.Write(n)
	case "upperRoman":
		return letters.UpperRoman.Write(n)
	case "decimalZero":
		if n >= 0 && n < 10 {
			return letters.LeadingZero.Write(n)
		}
	case "ordinal":
		return strconv.Itoa(n) + englishOrdinal(n)
	case "none", "bullet":
		return ""
	}
	return strconv.Itoa(n)
}

// letterNumber counts a to z, then aa to zz, as Word does.
func letterNumber(n int) string {
	if n < 1 {
		return strconv.Itoa(n)
	}
	n--
	return strings.Repeat(string(rune('a'+n%26)), min(n/26+1, 20))
}

func englishOrdinal(n int) string {
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			return "st"
		case 2:
			return "nd"
		case 3:
			return "rd"
		}
	}
	return "th"
}
