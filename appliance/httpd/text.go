package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Text is the text that was read from a school's material, and how it is mended.
type Text interface {
	TextPages(ctx context.Context, p appliance.Principal, id string, f appliance.TextFilter) (appliance.Page[appliance.TextPage], error)
	TextPage(ctx context.Context, p appliance.Principal, id string, number int) (page appliance.TextPage, read []appliance.Section, err error)
	MendPage(ctx context.Context, p appliance.Principal, id string, number int, sections []appliance.Section) (appliance.Source, error)
	RestorePage(ctx context.Context, p appliance.Principal, id string, number int) (appliance.Source, error)
	MovePage(ctx context.Context, p appliance.Principal, id string, number, by int) (appliance.Source, error)
	TurnPage(ctx context.Context, p appliance.Principal, id string, number, degrees int) (appliance.Source, error)
	ReadAgain(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error)
	Edit(ctx context.Context, p appliance.Principal, id string, c appliance.SourceChange) (appliance.Source, error)
}

// PagePath names a page of a source's text.
type PagePath struct {
	SourcePath
	Number int `path:"number" minimum:"1" doc:"The page's number, as it was read"`
}

type textInput struct {
	SourcePath
	From     int  `query:"from" minimum:"0" doc:"Position in the order of the pages"`
	Limit    int  `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Doubtful bool `query:"doubtful" doc:"Only pages with places that may be misread"`
}

type textOutput struct {
	Body appliance.Page[appliance.TextPage]
}

// ReadPage is a page of a source's text with all that stands on it.
type ReadPage struct {
	appliance.TextPage
	Read []appliance.Section `json:"read,omitempty" doc:"What was read, if somebody has mended it"`
}

type readPageOutput struct{ Body ReadPage }

func (s *materialRoutes) textRoutes(api *transport.Server) {
	const path = "/api/v1/knowledge/{id}/text"
	transport.Register(api, huma.Operation{
		OperationID: "listText", Method: http.MethodGet, Path: path,
		Summary: "List the pages of the text that was read", Tags: []string{"material"},
	}, s.listText)
	transport.Register(api, huma.Operation{
		OperationID: "getText", Method: http.MethodGet, Path: path + "/{number}",
		Summary: "One page of the text that was read", Tags: []string{"material"},
	}, s.getText)
	transport.Register(api, huma.Operation{
		OperationID: "mendText", Method: http.MethodPut, Path: path + "/{number}",
		Summary: "Mend the text of a page", Tags: []string{"material"},
	}, s.mendText)
	transport.Register(api, huma.Operation{
		OperationID: "restoreText", Method: http.MethodDelete, Path: path + "/{number}",
		Summary: "Go back to what was read on a page", Tags: []string{"material"},
	}, s.restoreText)
	transport.Register(api, huma.Operation{
		OperationID: "movePage", Method: http.MethodPost, Path: path + "/{number}/move",
		Summary: "Move a page up or down", Tags: []string{"material"},
	}, s.movePage)
	transport.Register(api, huma.Operation{
		OperationID: "turnPage", Method: http.MethodPost, Path: path + "/{number}/turn",
		Summary: "Turn a page of a scan and read it again", Tags: []string{"material"},
	}, s.turnPage)
	transport.Register(api, huma.Operation{
		OperationID: "readAgain", Method: http.MethodPost, Path: "/api/v1/knowledge/{id}/read",
		Summary: "Read a source again from its original", Tags: []string{"material"},
	}, s.readAgain)
	transport.Register(api, huma.Operation{
		OperationID: "editSource", Method: http.MethodPatch, Path: "/api/v1/knowledge/{id}",
		Summary: "Set a source's title, language, subject, grade or folder", Tags: []string{"material"},
	}, s.editSource)
}

func (s *materialRoutes) listText(ctx context.Context, in *textInput) (*textOutput, error) {
	page, err := s.material.TextPages(ctx, principalOf(ctx), in.ID, appliance.TextFilter{From: in.From, Limit: in.Limit, Doubtful: in.Doubtful})
	return &textOutput{noNull(page)}, err
}

func (s *materialRoutes) getText(ctx context.Context, in *PagePath) (*readPageOutput, error) {
	page, read, err := s.material.TextPage(ctx, principalOf(ctx), in.ID, in.Number)
	out := ReadPage{TextPage: page}
	if page.Mended {
		out.Read = read
	}
	return &readPageOutput{out}, err
}

// MendedSection is a stretch of a page as a teacher has written it.
type MendedSection struct {
	Heading string       `json:"heading,omitempty" maxLength:"2000"`
	Text    string       `json:"text,omitempty" maxLength:"262144" doc:"Paragraphs are separated by a blank line; left out with a table"`
	Table   *MendedTable `json:"table,omitempty"`
}

// MendedTable is a table as a teacher has written it.
type MendedTable struct {
	Caption string     `json:"caption,omitempty" maxLength:"2000"`
	Columns []string   `json:"columns,omitempty" maxItems:"2000"`
	Rows    [][]string `json:"rows" maxItems:"100000"`
	Part    int        `json:"part,omitempty"`
}

type mendInput struct {
	PagePath
	Body struct {
		Sections []MendedSection `json:"sections" maxItems:"2000"`
	}
}

func (s *materialRoutes) mendText(ctx context.Context, in *mendInput) (*sourceOutput, error) {
	sections := make([]appliance.Section, len(in.Body.Sections))
	for i, m := range in.Body.Sections {
		sections[i] = appliance.Section{Heading: m.Heading, Text: m.Text}
		if m.Table != nil {
			sections[i].Table = &appliance.Table{Caption: m.Table.Caption, Columns: m.Table.Columns, Rows: m.Table.Rows, Part: m.Table.Part}
		}
	}
	src, err := s.material.MendPage(ctx, principalOf(ctx), in.ID, in.Number, sections)
	return &sourceOutput{src}, err
}

func (s *materialRoutes) restoreText(ctx context.Context, in *PagePath) (*sourceOutput, error) {
	src, err := s.material.RestorePage(ctx, principalOf(ctx), in.ID, in.Number)
	return &sourceOutput{src}, err
}

type movePageInput struct {
	PagePath
	Body struct {
		By int `json:"by" minimum:"-20000" maximum:"20000" doc:"Places to move it by, down if positive"`
	}
}

func (s *materialRoutes) movePage(ctx context.Context, in *movePageInput) (*sourceOutput, error) {
	src, err := s.material.MovePage(ctx, principalOf(ctx), in.ID, in.Number, in.Body.By)
	return &sourceOutput{src}, err
}

type turnPageInput struct {
	PagePath
	Body struct {
		Degrees int `json:"degrees" enum:"0,90,180,270" doc:"Clockwise, from how the original shows it"`
	}
}

func (s *materialRoutes) turnPage(ctx context.Context, in *turnPageInput) (*sourceOutput, error) {
	src, err := s.material.TurnPage(ctx, principalOf(ctx), in.ID, in.Number, in.Body.Degrees)
	return &sourceOutput{src}, err
}

func (s *materialRoutes) readAgain(ctx context.Context, in *SourcePath) (*sourceOutput, error) {
	src, err := s.material.ReadAgain(ctx, principalOf(ctx), in.ID)
	return &sourceOutput{src}, err
}

type editSourceInput struct {
	SourcePath
	Body struct {
		Title    *string `json:"title,omitempty" maxLength:"500"`
		Language *string `json:"language,omitempty" pattern:"^([a-z]{2})?$" doc:"ISO 639-1; empty to go by its text"`
		Subject  *string `json:"subject,omitempty" maxLength:"200"`
		Grade    *string `json:"grade,omitempty" maxLength:"200"`
		Folder   *string `json:"folder,omitempty" maxLength:"1000"`
	}
}

func (s *materialRoutes) editSource(ctx context.Context, in *editSourceInput) (*sourceOutput, error) {
	src, err := s.material.Edit(ctx, principalOf(ctx), in.ID, appliance.SourceChange{Title: in.Body.Title, Language: in.Body.Language,
		Subject: in.Body.Subject, Grade: in.Body.Grade, Folder: in.Body.Folder})
	return &sourceOutput{src}, err
}
