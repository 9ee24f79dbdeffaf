package extract

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

// relations are the links of one part of an OOXML file: id to target part.
type relations map[string]relation

type relation struct {
	kind   string // last word of the type's URI, such as "slide"
	target string // part name
}

// relationsOf reads the links of a part; none is an empty map.
func relationsOf(a *archive, part string) relations {
	dir, file := path.Split(part)
	rels := relations{}
	rc, err := a.open(path.Join(dir, "_rels", file+".rels"))
	if err != nil {
		return rels
	}
	defer rc.Close()
	_ = newXML(rc).each(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil // nothing outside the file is ever followed
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		kind := attr(e, "Type")
		rels[attr(e, "Id")] = relation{kind[strings.LastIndexByte(kind, '/')+1:], partName(target)}
		return nil
	})
	return rels
}

// first returns the target of the first link of a kind, or "".
func (r relations) first(kind string) string {
	best, target := "", ""
	for id, rel := range r {
		if rel.kind == kind && (best == "" || id < best) {
			best, target = id, rel.target
		}
	}
	return target
}

// images returns the pictures that a part shows, each once, in a stable order.
func (r relations) images() []string {
	var names []string
	for _, id := range slices.Sorted(maps.Keys(r)) {
		if rel := r[id]; rel.kind == "image" && !slices.Contains(names, rel.target) {
			names = append(names, rel.target)
		}
	}
	return names
}

// mainPart is the part that the package's own links call its document.
func mainPart(a *archive) (string, error) {
	if part := relationsOf(a, "").first("officeDocument"); part != "" && a.has(part) {
		return part, nil
	}
	return "", errNoPart
}

// openOOXML opens the archive and finds its main part, by its links or else by
// its usual name.
func openOOXML(j *job, usual string) (*archive, string, error) {
	a, err := openArchive(j.file, j.size, maxEntries)
	if err != nil {
		return nil, "", err
	}
	if part, err := mainPart(a); err == nil {
		return a, part, nil
	}
	if !a.has(usual) {
		return nil, "", fault.Damaged(errNoPart)
	}
	return a, usual, nil
}

// appPages is the number of pages that the writing program noted, or 0.
func appPages(a *archive) int {
	rc, err := a.open("docProps/app.xml")
	if err != nil {
		return 0
	}
	defer rc.Close()
	pages := 0
	x := newXML(rc)
	_ = x.each(func(e xml.StartElement) error {
		if e.Name.Local == "Pages" {
			text, err := x.text()
			pages, _ = strconv.Atoi(strings.TrimSpace(text))
			return err
		}
		return nil
	})
	return pages
}

// walkPart hands a part's tokens to f. A part that is missing is no error when
// it is optional.
func walkPart(a *archive, part string, optional bool, f func(*xmlReader, xml.Token) error) error {
	rc, err := a.open(part)
	if errors.Is(err, errNoPart) && optional {
		return nil
	}
	if err != nil {
		return err
	}
	defer rc.Close()
	x := newXML(rc)
	for {
		t, err := x.next()
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
