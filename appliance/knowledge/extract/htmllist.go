package extract

import "github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"

// htmlList is an open list.
type htmlList struct {
	ordered   bool
	style     string
	next      int
	step      int
	held      []heldItem // of a list that counts down from its length
	countdown bool
	parent    *htmlItem // that the list stands in
}

type heldItem struct {
	own          bool // of the list itself, not of one within it
	style        string
	marker, text string
}

type htmlItem struct {
	marker string
	style  string
	list   *htmlList
	said   bool // its first line is out
}

// list opens or closes a list.
func (h *htmlWalk) list(name string, attrs tagAttrs, open bool) {
	if !open {
		h.item = nil
		if n := len(h.lists); n > 0 {
			l := h.lists[n-1]
			h.lists = h.lists[:n-1]
			h.item = l.parent
			h.endCountdown(l)
		}
		return
	}
	const most = 1000 // of lists within lists
	if len(h.lists) >= most {
		return
	}
	l := &htmlList{ordered: name == "ol", style: h.css.listStyle(name, attrs), step: 1, next: attrs.number("start", 1)}
	if l.style == "" && l.ordered {
		if l.style = attrs["type"]; l.style == "" {
			l.style = "1"
		}
	}
	if _, reversed := attrs["reversed"]; reversed && l.ordered {
		l.step = -1
		l.countdown = attrs["start"] == ""
	}
	l.parent, h.item = h.item, nil
	h.lists = append(h.lists, l)
}

func (h *htmlWalk) beginItem(attrs tagAttrs) {
	n := len(h.lists)
	if n == 0 {
		h.item = &htmlItem{marker: "-"}
		return
	}
	l := h.lists[n-1]
	style := h.css.listStyle("li", attrs)
	if style == "" {
		style = l.style
	}
	if l.ordered {
		if value := attrs.number("value", l.next); attrs["value"] != "" {
			l.next, l.countdown = value, false
		}
	}
	h.item = &htmlItem{marker: listMarker(style, l.next), style: style, list: l}
	l.next += l.step
	if h.inCell() && h.item.marker != "" {
		h.write(" " + h.item.marker + " ")
	}
}

// say sends the first line of an item, or another paragraph of it.
func (h *htmlWalk) say(item *htmlItem, text string) {
	marker := item.marker
	if item.said {
		marker = ""
	}
	for _, l := range h.lists { // the outermost that waits for its end
		if l.countdown && len(l.held) < maxHeld {
			l.held = append(l.held, heldItem{own: l == item.list && !item.said, style: item.style, marker: marker, text: text})
			item.said = true
			return
		}
	}
	item.said = true
	h.flow.item(marker, text)
}

// endCountdown numbers the items of a list that counts down to one.
func (h *htmlWalk) endCountdown(l *htmlList) {
	own := 0
	for _, it := range l.held {
		if it.own {
			own++
		}
	}
	for _, it := range l.held {
		if it.own {
			it.marker = listMarker(it.style, own)
			own--
		}
		h.flow.item(it.marker, it.text)
	}
	l.held = nil
}

// definition opens or closes a part of a list of definitions.
func (h *htmlWalk) definition(name string, open bool) {
	h.inTerm, h.inDef = open && name == "dt", open && name == "dd"
	if name == "dl" || h.inTerm && h.defined {
		if !h.defined {
			h.flow.paras(h.terms)
		}
		h.terms, h.defined = nil, false
	}
}

func listMarker(style string, n int) string {
	form, known := listStyles[style]
	switch {
	case !known || form == letters.BulletForm:
		return "-"
	case form == letters.NoNumber:
		return ""
	}
	return form.Write(n) + "."
}
