package extract

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

const (
	// maxEmbedded bounds the files within a file, and maxEmbeddedBytes each.
	maxEmbedded      = 50
	maxEmbeddedBytes = 32 << 20
)

// holder is where a file stands that is read within another.
type holder struct {
	heading string
	place   appliance.Place
}

// put files a section where the inner file stands. Its own pages are not the
// outer file's.
func (h *holder) put(sec *appliance.Section) {
	if h == nil {
		return
	}
	switch {
	case sec.Heading == "":
		sec.Heading = h.heading
	case h.heading != "":
		sec.Heading = h.heading + appliance.HeadingSeparator + sec.Heading
	}
	sec.Place = h.place
}

// embedded reads a file that stands in another one, at this place of the flow:
// what it holds is filed under the headings here and under its name, if it has
// one. It may hold a copy of itself.
func (j *job) embedded(data []byte, name, ext string, at *flow) error {
	if j.out.embedded++; j.out.embedded > maxEmbedded || j.within >= maxWithin {
		return errors.New("too many files in files")
	}
	form, err := detect(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	if kind := formats[form].kind; kind == appliance.KindText && (ext == ".html" || ext == ".htm" || ext == ".xhtml") {
		form = formatHTML // a piece of a page, without its head
	}
	t := formats[form]
	if t.read == nil {
		return fault.Unsupported(t.mediaType)
	}
	at.flush()
	if at.err != nil {
		return at.err
	}
	outer, text := at.out.holder, at.out.text
	where := appliance.Section{Heading: at.path(), Place: at.place}
	if name != "" {
		where.Heading = strings.TrimPrefix(where.Heading+appliance.HeadingSeparator+name, appliance.HeadingSeparator)
	}
	outer.put(&where)
	at.out.holder = &holder{where.Heading, where.Place}
	err = t.read(&job{file: bytes.NewReader(data), size: int64(len(data)), format: form, out: j.out, cache: j.cache,
		from: 1, ocr: j.ocr, pictures: j.pictures, within: j.within + 1})
	at.out.holder = outer
	if at.out.text > text {
		for i := range at.headings {
			at.headings[i].used = true
		}
	}
	return err
}

// readEmbedded reads a part of an archive that is a file of its own: a sheet
// behind a table, a web page put into a document. What cannot be read is counted.
func readEmbedded(j *job, a *parts.Archive, part string, at *flow) error {
	data, err := a.Bytes(part, maxEmbeddedBytes)
	if errors.Is(err, parts.ErrInflated) && a.Left <= 0 {
		return err
	}
	if err == nil {
		err = j.embedded(data, "", path.Ext(part), at)
	}
	switch {
	case errors.Is(err, errTextLimit) || at.err != nil:
		return errors.Join(at.err, err)
	case err != nil:
		fmt.Fprintf(os.Stderr, "extract: within the file, %s: %v\n", path.Base(part), err)
		j.out.count("embedded_lost", 1)
	default:
		j.out.count("embedded", 1)
	}
	return nil
}
