package extract

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// docxTable is an open table.
type docxTable struct {
	grid    *grid
	names   bool // its style sets the first row apart
	rows    int
	header  bool // the row says so itself, or the style does
	deleted bool // the row was, and its deletion is taken as accepted
	spanned bool // the open cell goes on with the one above
	span    int  // columns of the open cell
	after   int  // columns that the row leaves empty at its end
}

// startTable begins the parts of a table.
func (d *docx) startTable(x *parts.Reader, e xml.StartElement) error {
	if e.Name.Local == "tbl" {
		d.openTable()
		return nil
	}
	n := len(d.tables)
	if n == 0 {
		return nil
	}
	t := d.tables[n-1]
	switch e.Name.Local {
	case "tblPr":
		tree, err := x.Tree(e, 5000)
		if err != nil {
			return err
		}
		if t.grid.caption == "" && n == 1 && len(d.scopes) == 0 {
			t.grid.caption = clean.Line(tree.Child("tblCaption").Val())
		}
		look := tree.Child("tblLook")
		bits, _ := strconv.ParseUint(look.Val(), 16, 32)
		t.names = d.styles.of(tree.Child("tblStyle").Val()).names && (look.Attr("firstRow") == "1" || bits&0x20 != 0)
	case "tr":
		t.header, t.deleted, t.after = t.names && t.rows == 0, false, 0
		t.rows++
	case "trPr":
		tree, err := x.Tree(e, 5000)
		if err != nil {
			return err
		}
		t.header = t.header || tree.Child("tblHeader").On()
		t.deleted = tree.Child("del") != nil
		before, _ := strconv.Atoi(tree.Child("gridBefore").Val())
		t.grid.skip(before)
		t.after, _ = strconv.Atoi(tree.Child("gridAfter").Val())
	case "tblPrEx":
		return x.Skip()
	case "tc":
		t.spanned, t.span = false, 1
		d.scopes = append(d.scopes, &docxScope{})
	case "tcPr":
		tree, err := x.Tree(e, 5000)
		if err != nil {
			return err
		}
		t.span, _ = strconv.Atoi(tree.Child("gridSpan").Val())
		for _, merge := range []string{"vMerge", "hMerge"} {
			if m := tree.Child(merge); m != nil && m.Val() != "restart" {
				if merge == "hMerge" {
					t.span = -1 // goes on with the cell at its left
				} else {
					t.spanned = true
				}
			}
		}
	}
	return nil
}

func (d *docx) openTable() {
	t := &docxTable{}
	if len(d.tables) > 0 || len(d.scopes) > 0 || len(d.paras) > 0 {
		t.grid = nestedTable()
	} else {
		caption := d.caption
		d.caption = ""
		d.settle()
		t.grid = d.flow.openTable(caption)
	}
	d.tables = append(d.tables, t)
}

func (d *docx) endTable(name string) {
	n := len(d.tables)
	if n == 0 {
		return
	}
	t := d.tables[n-1]
	switch name {
	case "tc":
		if len(d.scopes) == 0 {
			return
		}
		cell := d.scopes[len(d.scopes)-1]
		d.scopes = d.scopes[:len(d.scopes)-1]
		d.told(cell)
		text := strings.Join(cell.texts, " ")
		switch {
		case t.deleted:
		case t.span < 0:
			t.grid.widen()
		case t.spanned:
			t.grid.again(t.span)
		default:
			t.grid.cell(text, t.span, 1, t.header)
		}
	case "tr":
		if t.deleted {
			return
		}
		t.grid.skip(t.after)
		sent := t.grid.part
		t.grid.endRow()
		if n == 1 && (t.grid.part != sent || t.grid.seen == 0) {
			d.turnWaiting()
		}
	case "tbl":
		d.tables = d.tables[:n-1]
		switch {
		case t.grid.flow == nil && len(d.scopes) > 0:
			d.scopes[len(d.scopes)-1].add(t.grid.text())
		case t.grid.flow == nil:
			d.flow.para(t.grid.text())
		default:
			d.waiting = t.grid
		}
	}
}

// turnWaiting turns the pages that ended within what is now sent.
func (d *docx) turnWaiting() {
	turned := d.turned
	d.turned = 0
	d.turn(turned)
}
