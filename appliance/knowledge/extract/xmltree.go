package extract

import (
	"encoding/xml"
	"strings"
)

// xmlNode is an element with all that is in it, for the small pieces that are
// easier to look at whole: properties, formulas.
type xmlNode struct {
	name  string
	attrs []xml.Attr
	kids  []*xmlNode
	text  string // its own, not its children's
}

// tree reads the element whose start was read last, of at most limit elements.
func (x *xmlReader) tree(start xml.StartElement, limit int) (*xmlNode, error) {
	root := &xmlNode{name: start.Name.Local, attrs: start.Attr}
	open := []*xmlNode{root}
	for len(open) > 0 {
		t, err := x.next()
		if err != nil {
			return root, err
		}
		top := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if limit--; limit < 0 {
				return root, errXMLNodes
			}
			n := &xmlNode{name: t.Name.Local, attrs: t.Attr}
			top.kids = append(top.kids, n)
			open = append(open, n)
		case xml.CharData:
			if s := string(t); top.text != "" || strings.TrimSpace(s) != "" || top.name == "t" {
				top.text += s
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	return root, nil
}

// child returns the first child of a name; nil, on which the methods work too,
// if there is none.
func (n *xmlNode) child(name string) *xmlNode {
	if n != nil {
		for _, k := range n.kids {
			if k.name == name {
				return k
			}
		}
	}
	return nil
}

// attr returns an attribute by its local name.
func (n *xmlNode) attr(local string) string {
	if n != nil {
		for _, a := range n.attrs {
			if a.Name.Local == local {
				return a.Value
			}
		}
	}
	return ""
}

// val is the attribute that most of Office's properties have.
func (n *xmlNode) val() string { return n.attr("val") }

// on reports whether a property that is on or off is there and on.
func (n *xmlNode) on() bool {
	if n == nil {
		return false
	}
	switch n.val() {
	case "0", "false", "off", "none":
		return false
	}
	return true
}
