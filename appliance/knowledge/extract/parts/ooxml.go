// Package parts opens what office files and books are made of, a ZIP archive of parts in
// XML, within limits of bytes, nodes and depth.
package parts

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
)

// Relations are the links of one part of an OOXML file: id to target part.
type Relations map[string]Relation

// Relation is a link to another part.
type Relation struct {
	Kind   string // last word of the type's URI, such as "slide"
	Target string // part name
}

// RelationsOf reads the links of a part; none is an empty map.
func RelationsOf(a *Archive, part string) Relations {
	dir, file := path.Split(part)
	rels := Relations{}
	rc, err := a.Open(path.Join(dir, "_rels", file+".rels"))
	if err != nil {
		return rels
	}
	defer rc.Close()
	_ = NewReader(rc).each(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || Attr(e, "TargetMode") == "External" {
			return nil // nothing outside the file is ever followed
		}
		target := Attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		kind := Attr(e, "Type")
		rels[Attr(e, "Id")] = Relation{kind[strings.LastIndexByte(kind, '/')+1:], Name(target)}
		return nil
	})
	return rels
}

// First returns the target of the first link of a kind, or "".
func (r Relations) First(kind string) string {
	best, target := "", ""
	for id, rel := range r {
		if rel.Kind == kind && (best == "" || id < best) {
			best, target = id, rel.Target
		}
	}
	return target
}

// Images returns the pictures that a part shows, each once, in a stable order.
func (r Relations) Images() []string {
	var names []string
	for _, id := range slices.Sorted(maps.Keys(r)) {
		if rel := r[id]; rel.Kind == "image" && !slices.Contains(names, rel.Target) {
			names = append(names, rel.Target)
		}
	}
	return names
}

// MainPart is the part that the package's own links call its document.
func MainPart(a *Archive) (string, error) {
	if part := RelationsOf(a, "").First("officeDocument"); part != "" && a.Has(part) {
		return part, nil
	}
	return "", errNoPart
}

// OpenOOXML opens the archive and finds its main part, by its links or else by
// its usual name.
func OpenOOXML(file io.ReaderAt, size int64, usual string) (*Archive, string, error) {
	a, err := Open(file, size, MaxParts)
	if err != nil {
		return nil, "", err
	}
	if part, err := MainPart(a); err == nil {
		return a, part, nil
	}
	if !a.Has(usual) {
		return nil, "", fault.Damaged(errNoPart)
	}
	return a, usual, nil
}

// AppPages is the number of pages that the writing program noted, or 0.
func AppPages(a *Archive) int {
	rc, err := a.Open("docProps/app.xml")
	if err != nil {
		return 0
	}
	defer rc.Close()
	pages := 0
	x := NewReader(rc)
	_ = x.each(func(e xml.StartElement) error {
		if e.Name.Local == "Pages" {
			text, err := x.Text()
			pages, _ = strconv.Atoi(strings.TrimSpace(text))
			return err
		}
		return nil
	})
	return pages
}

// Walk hands a part's tokens to f. A part that is missing is no error when
// it is optional.
func Walk(a *Archive, part string, optional bool, f func(*Reader, xml.Token) error) error {
	rc, err := a.Open(part)
	if errors.Is(err, errNoPart) && optional {
		return nil
	}
	if err != nil {
		return err
	}
	defer rc.Close()
	x := NewReader(rc)
	for {
		t, err := x.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f(x, t); err != nil {
			return err
		}
	}
}
