package parts

import (
	"encoding/xml"
	"strings"
)

// Node is an element with all that is in it, for the small pieces that are
// easier to look at whole: properties, formulas.
type Node struct {
	Name  string
	attrs []xml.Attr
	Kids  []*Node
	Text  string // its own, not its children's
}

// Tree reads the element whose start was read last, of at most limit elements.
func (x *Reader) Tree(start xml.StartElement, limit int) (*Node, error) {
	root := &Node{Name: start.Name.Local, attrs: start.Attr}
	open := []*Node{root}
	for len(open) > 0 {
		t, err := x.Next()
		if err != nil {
			return root, err
		}
		top := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if limit--; limit < 0 {
				return root, errNodes
			}
			n := &Node{Name: t.Name.Local, attrs: t.Attr}
			top.Kids = append(top.Kids, n)
			open = append(open, n)
		case xml.CharData:
			if s := string(t); top.Text != "" || strings.TrimSpace(s) != "" || top.Name == "t" {
				top.Text += s
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	return root, nil
}

// Child returns the first child of a name; nil, on which the methods work too,
// if there is none.
func (n *Node) Child(name string) *Node {
	if n != nil {
		for _, k := range n.Kids {
			if k.Name == name {
				return k
			}
		}
	}
	return nil
}

// Attr returns an attribute by its local name.
func (n *Node) Attr(local string) string {
	if n != nil {
		for _, a := range n.attrs {
			if a.Name.Local == local {
				return a.Value
			}
		}
	}
	return ""
}

// Val is the attribute that most of Office's properties have.
func (n *Node) Val() string { return n.Attr("val") }

// On reports whether a property that is on or off is there and on.
func (n *Node) On() bool {
	if n == nil {
		return false
	}
	switch n.Val() {
	case "0", "false", "off", "none":
		return false
	}
	return true
}
