package extract

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

const maxWordStyles = 5000

// docxStyles are the styles of a Word document by their ids, with what they
// inherit.
type docxStyles struct {
	byID map[string]*docxStyle
	// Of paragraphs that name no style.
	paragraph string
}

// docxStyle is what of a style matters to the text.
type docxStyle struct {
	based    string
	level    int  // of a heading; -1 for tables of contents, 0 for neither
	title    bool // the document's
	caption  bool
	num      string // numId, "0" for none of its base's
	ilvl     int    // -1 if not said
	numOwner string // id of the style that says num
	run      runProps
	names    bool // tables: their first row looks unlike the rest
	resolved bool
}

// runProps are what of a run's properties changes what its letters mean.
type runProps struct {
	vert   int    // 1 raised, -1 lowered
	set    bool   // vert is said
	font   string // "" if not said
	hidden bool
}

// with puts what a more special style says over what a general one does.
func (r runProps) with(own runProps) runProps {
	if own.set {
		r.vert, r.set = own.vert, true
	}
	if own.font != "" {
		r.font = own.font
	}
	r.hidden = r.hidden || own.hidden
	return r
}

// readStyles reads the styles. Word translates ids ("Titre1") but not names
// ("heading 1").
func readStyles(a *parts.Archive, part string) (*docxStyles, error) {
	s := &docxStyles{byID: map[string]*docxStyle{}}
	err := parts.Walk(a, part, true, func(x *parts.Reader, t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "style" {
			return nil
		}
		tree, err := x.Tree(e, 5000)
		if err != nil {
			return err
		}
		if len(s.byID) < maxWordStyles {
			s.add(tree)
		}
		return nil
	})
	if parts.IsLimit(err) {
		return nil, err
	}
	for id := range s.byID {
		s.resolve(id, 0)
	}
	return s, nil
}

func (s *docxStyles) add(tree *parts.Node) {
	id, name := tree.Attr("styleId"), strings.ToLower(tree.Child("name").Val())
	style := &docxStyle{based: tree.Child("basedOn").Val(), level: levelOfName(name), title: name == "title", caption: name == "caption", ilvl: -1}
	if pPr := tree.Child("pPr"); pPr != nil {
		if level := outlineLevel(pPr); style.level == 0 && level > 0 {
			style.level = level
		}
		if numPr := pPr.Child("numPr"); numPr != nil {
			if style.num = numPr.Child("numId").Val(); style.num != "" {
				style.numOwner = id
			}
			style.ilvl = levelIn(numPr)
		}
	}
	style.run = runPropsOf(tree.Child("rPr"))
	for _, k := range tree.Kids {
		style.names = style.names || k.Name == "tblStylePr" && k.Attr("type") == "firstRow" && len(k.Kids) > 0
	}
	if tree.Attr("type") == "paragraph" && (tree.Attr("default") == "1" || tree.Attr("default") == "true") {
		s.paragraph = id
	}
	s.byID[id] = style
}

// levelIn is the list level that numbering properties name, -1 if none.
func levelIn(numPr *parts.Node) int {
	if v, err := strconv.Atoi(numPr.Child("ilvl").Val()); err == nil && v >= 0 {
		return min(v, listLevels-1)
	}
	return -1
}

func outlineLevel(pPr *parts.Node) int {
	if v := pPr.Child("outlineLvl").Val(); len(v) == 1 && v >= "0" && v <= "8" {
		return int(v[0]-'0') + 1
	}
	return 0
}

// resolve fills in what a style inherits. A chain of styles may be a loop.
func (s *docxStyles) resolve(id string, depth int) *docxStyle {
	style := s.byID[id]
	if style == nil || style.resolved || depth > 20 {
		return style
	}
	style.resolved = true
	base := s.resolve(style.based, depth+1)
	if base == nil {
		return style
	}
	if style.level == 0 {
		style.level = base.level
	}
	style.title = style.title || base.title && style.level == 1
	style.caption = style.caption || base.caption
	if style.num == "" {
		style.num, style.numOwner = base.num, base.numOwner
		if style.ilvl < 0 {
			style.ilvl = base.ilvl
		}
	}
	style.run = base.run.with(style.run)
	style.names = style.names || base.names
	return style
}

var plainStyle = &docxStyle{ilvl: -1}

// of returns the style of an id.
func (s *docxStyles) of(id string) *docxStyle {
	if style := s.byID[id]; style != nil {
		return style
	}
	return plainStyle
}

// list returns the numId that a list style names.
func (s *docxStyles) list(id string) string { return s.of(id).num }

func levelOfName(name string) int {
	name = strings.ToLower(name)
	switch {
	case name == "title":
		return 1
	case strings.HasPrefix(name, "heading ") && len(name) == 9 && name[8] >= '1' && name[8] <= '9':
		return int(name[8] - '0')
	case strings.HasPrefix(name, "toc ") || name == "toc heading" || name == "table of figures":
		return -1
	}
	return 0
}

// runPropsOf reads the properties of a run or a style.
func runPropsOf(rPr *parts.Node) runProps {
	var p runProps
	if rPr == nil {
		return p
	}
	if v := rPr.Child("vertAlign"); v != nil {
		p.set = true
		switch v.Val() {
		case "superscript":
			p.vert = 1
		case "subscript":
			p.vert = -1
		}
	} else if v, err := strconv.Atoi(rPr.Child("position").Val()); err == nil && (v >= 4 || v <= -4) {
		// Half points. Raised by hand, as equation writers did before there
		// were powers; a little only adjusts a picture.
		p.set, p.vert = true, 1
		if v < 0 {
			p.vert = -1
		}
	}
	if f := rPr.Child("rFonts"); f != nil {
		p.font = f.Attr("ascii")
		if letters.SymbolFont(p.font) == "" && letters.SymbolFont(f.Attr("hAnsi")) != "" {
			p.font = f.Attr("hAnsi")
		}
	}
	p.hidden = rPr.Child("vanish").On()
	return p
}
