package ingest

import (
	"context"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// TextPage is a page of a source's text, as it is now and as it was read.
func (in *Ingester) TextPage(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, number int) (page appliance.TextPage, read []appliance.Section, err error) {
	page, was, is, err := in.store.TextPage(ctx, org, scope, id, number)
	if err != nil {
		return page, nil, err
	}
	original, err := decodePart(appliance.Part{Data: was})
	if err != nil {
		return page, nil, err
	}
	page.Sections = original.Sections
	if is != nil {
		mended, err := decodePart(appliance.Part{Data: is})
		if err != nil {
			return page, nil, err
		}
		page.Sections = mended.Sections
	}
	return page, original.Sections, nil
}

// Bounds on what a teacher writes on one page.
const (
	maxPageText     = 256 << 10
	maxPageSections = 2000
)

var errPageTooLong = problem.New(problem.TooLarge, "page_too_long", "This is more than one page holds.",
	"Write it in a document of its own, and add that.", nil)

// Mend puts a text in the place of what was read on a page.
func (in *Ingester) Mend(ctx context.Context, org appliance.OrgID, id string, number int, sections []appliance.Section, entries ...appliance.AuditEntry) (appliance.Source, error) {
	page, was, _, err := in.store.TextPage(ctx, org, whole, id, number)
	if err != nil {
		return appliance.Source{}, err
	}
	made, err := decodePart(appliance.Part{Data: was})
	if err != nil {
		return appliance.Source{}, err
	}
	if made.Sections, err = cleanSections(sections, page.Place, made.Sections); err != nil {
		return appliance.Source{}, err
	}
	data, err := made.encode()
	if err != nil {
		return appliance.Source{}, err
	}
	return in.ChangePage(ctx, org, id, appliance.PageChange{Number: number, Text: &appliance.PageText{Data: data}}, entries...)
}

// cleanSections makes what a teacher wrote into sections of a page. They stand
// where those stood that they were made of; those that were emptied are left
// out. A teacher has read the page, so nothing on it is in doubt any more.
func cleanSections(sections []appliance.Section, page appliance.Place, read []appliance.Section) (clean []appliance.Section, err error) {
	if len(sections) > maxPageSections {
		return nil, errPageTooLong
	}
	size := 0
	for i, s := range sections {
		made := appliance.Section{Text: tidy(s.Text), Heading: tidyLine(s.Heading), Place: page}
		if i < len(read) {
			made.Place = read[i].Place
			if made.Text == read[i].Text {
				made.TeX = read[i].TeX
			}
		} else if len(read) > 0 {
			made.Place = read[len(read)-1].Place
		}
		if s.Table != nil {
			table, err := tidyTable(*s.Table)
			if err != nil {
				return nil, err
			}
			made.Table, made.Text = &table, strings.Join(table.Lines(), "\n")
		}
		if strings.TrimSpace(made.Text) == "" {
			continue
		}
		if size += len(made.Text) + len(made.Heading); size > maxPageText {
			return nil, errPageTooLong
		}
		clean = append(clean, made)
	}
	return clean, nil
}

// tidyTable gives every row as many cells as there are columns.
func tidyTable(t appliance.Table) (appliance.Table, error) {
	width := len(t.Columns)
	for _, row := range t.Rows {
		width = max(width, len(row))
	}
	if width > maxPageSections || len(t.Rows) > maxPageText || width*len(t.Rows) > maxPageText {
		return t, errPageTooLong
	}
	fit := func(cells []string) []string {
		row := make([]string, width)
		for i, cell := range cells {
			row[i] = tidyLine(cell)
		}
		return row
	}
	made := appliance.Table{Caption: tidyLine(t.Caption), Rows: [][]string{}, Part: t.Part}
	if len(t.Columns) > 0 {
		made.Columns = fit(t.Columns)
	}
	for _, row := range t.Rows {
		if cells := fit(row); strings.Join(cells, "") != "" {
			made.Rows = append(made.Rows, cells)
		}
	}
	return made, nil
}

// tidy keeps lines and paragraphs, and drops what cannot be shown.
func tidy(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

func tidyLine(text string) string { return strings.Join(strings.Fields(tidy(text)), " ") }

// ChangePage does to a page of a source what a teacher wants.
func (in *Ingester) ChangePage(ctx context.Context, org appliance.OrgID, id string, c appliance.PageChange, entries ...appliance.AuditEntry) (appliance.Source, error) {
	return in.made(org)(in.store.ChangePage(ctx, org, id, c, entries...))
}

// ReadAgain reads a source again from its original.
func (in *Ingester) ReadAgain(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error) {
	return in.made(org)(in.store.ReadAgain(ctx, org, id, entries...))
}

// Edited shows a source that somebody has changed, and has the work begin that
// the change may have brought.
func (in *Ingester) Edited(org appliance.OrgID, src appliance.Source) {
	in.watchers.tell(org, src)
	in.nudge()
}

// made shows a source that is made anew, and has the work begin.
func (in *Ingester) made(org appliance.OrgID) func(appliance.Source, error) (appliance.Source, error) {
	return func(src appliance.Source, err error) (appliance.Source, error) {
		if err == nil {
			in.Edited(org, src)
		}
		return src, err
	}
}
