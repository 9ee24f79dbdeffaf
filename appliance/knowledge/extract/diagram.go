package extract

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

const (
	// maxDiagram bounds the points of a diagram that are kept.
	maxDiagram     = 2000
	maxDiagramDeep = 20
)

// diagram is a SmartArt: points, and which stands under which.
type diagram struct {
	points map[string]*diagramPoint
	order  []string // ids of the points that people see, as they are listed
	root   string
	steps  bool // a process or a cycle: the order matters
	cut    bool
	said   map[string]bool
}

type diagramPoint struct {
	text string
	kids []diagramKid
}

type diagramKid struct {
	id    string
	order int
}

// readDiagram reads a diagram into the flow, as a list.
func readDiagram(a *parts.Archive, part string, f *flow) error {
	d := &diagram{points: map[string]*diagramPoint{}, said: map[string]bool{}}
	err := parts.Walk(a, part, false, d.token)
	if parts.IsLimit(err) && a.Left <= 0 {
		return err
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "extract: diagram: %v\n", err)
	}
	var items []diagramItem
	d.list(d.root, 0, &items)
	for _, id := range d.order { // linked to nothing
		d.item(id, 0, &items)
	}
	if len(items) == 0 {
		f.out.count("diagrams_lost", 1)
		return f.err
	}
	if d.cut {
		f.out.count("diagrams_cut", 1)
	}
	f.out.count("diagrams", 1)
	for i, item := range items {
		if i == 0 {
			f.para(item.marker + " " + item.text)
			continue
		}
		f.item(item.marker, item.text)
	}
	return f.err
}

func (d *diagram) token(x *parts.Reader, t xml.Token) error {
	e, ok := t.(xml.StartElement)
	if !ok {
		return nil
	}
	switch e.Name.Local {
	case "pt":
		tree, err := x.Tree(e, 20_000)
		if err != nil {
			return err
		}
		d.addPoint(tree)
	case "cxn":
		if kind := parts.Attr(e, "type"); kind != "" && kind != "parOf" {
			return nil
		}
		if from := d.points[parts.Attr(e, "srcId")]; from != nil && len(from.kids) < maxDiagram {
			order, _ := strconv.Atoi(parts.Attr(e, "srcOrd"))
			from.kids = append(from.kids, diagramKid{parts.Attr(e, "destId"), order})
		}
	case "bg", "whole", "extLst":
		return x.Skip()
	}
	return nil
}

func (d *diagram) addPoint(tree *parts.Node) {
	id := tree.Attr("modelId")
	if len(d.points) >= maxDiagram*3 {
		d.cut = true
		return
	}
	switch tree.Attr("type") {
	case "doc":
		d.root = id
		look := strings.ToLower(tree.Child("prSet").Attr("loTypeId") + tree.Child("prSet").Attr("loCatId"))
		d.steps = strings.Contains(look, "process") || strings.Contains(look, "cycle") || strings.Contains(look, "chevron")
		d.points[id] = &diagramPoint{}
	case "", "node", "asst":
		if len(d.order) >= maxDiagram {
			d.cut = true
			return
		}
		d.points[id] = &diagramPoint{text: clean.Clip(dmlTexts(tree.Child("t")), 1000)}
		d.order = append(d.order, id)
	}
}

type diagramItem struct{ marker, text string }

// list adds what stands under a point.
func (d *diagram) list(id string, depth int, items *[]diagramItem) {
	p := d.points[id]
	if p == nil || depth > maxDiagramDeep {
		return
	}
	slices.SortStableFunc(p.kids, func(a, b diagramKid) int { return cmp.Compare(a.order, b.order) })
	for _, k := range p.kids {
		d.item(k.id, depth, items)
	}
}

func (d *diagram) item(id string, depth int, items *[]diagramItem) {
	p := d.points[id]
	if p == nil || d.said[id] || len(*items) >= maxDiagram {
		return
	}
	d.said[id] = true
	if p.text == "" {
		d.list(id, depth, items)
		return
	}
	item := diagramItem{marker: []string{"-", "•", "◦"}[min(depth, 2)], text: p.text}
	if depth == 0 && d.steps {
		n := 1
		for _, other := range *items {
			if strings.HasSuffix(other.marker, ".") {
				n++
			}
		}
		item.marker = strconv.Itoa(n) + "."
	}
	if line, ok := d.leaves(p); ok { // a word on each: in one line they say to what they belong
		item.text += ": " + line
		*items = append(*items, item)
		return
	}
	*items = append(*items, item)
	d.list(id, depth+1, items)
}

// leaves writes the points under p in a line, if they are short and have none
// under them.
func (d *diagram) leaves(p *diagramPoint) (string, bool) {
	slices.SortStableFunc(p.kids, func(a, b diagramKid) int { return cmp.Compare(a.order, b.order) })
	var texts []string
	size := 0
	for _, k := range p.kids {
		kid := d.points[k.id]
		if kid == nil || d.said[k.id] || kid.text == "" {
			continue
		}
		if size += len(kid.text); len(kid.kids) > 0 || size > 300 {
			return "", false
		}
		texts = append(texts, kid.text)
	}
	if len(texts) == 0 {
		return "", false
	}
	for _, k := range p.kids {
		d.said[k.id] = true
	}
	return strings.Join(texts, "; "), true
}
