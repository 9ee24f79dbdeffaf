package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// part is what one stored piece of the reading stage holds: a page of a
// document, or one window of a recording.
type part struct {
	Sections []appliance.Section `json:"sections"`
	Language string              `json:"language,omitempty"` // that was spoken
	To       time.Duration       `json:"to,omitempty"`       // end of a window
	Take     int                 `json:"take,omitempty"`     // way of listening to it, see recording

	at string // its key without the number of its part
}

// encode is a part as it is stored. Text takes a third of its bytes when it is
// compressed.
func (p part) encode() ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(z).Encode(p); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// maxPart bounds a part that is read back, in bytes.
const maxPart = 64 << 20

func decodePart(stored appliance.Part) (p part, err error) {
	z, err := gzip.NewReader(bytes.NewReader(stored.Data))
	if err != nil {
		return p, fmt.Errorf("part %d: %w", stored.Seq, err)
	}
	if err := json.NewDecoder(io.LimitReader(z, maxPart)).Decode(&p); err != nil {
		return p, fmt.Errorf("part %d: %w", stored.Seq, err)
	}
	p.at, _, _ = strings.Cut(stored.Key, partMark)
	return p, nil
}

// Keys of pages: what a teacher made of a page is kept under its key, also when
// the source is read again.
const (
	pieceKey = "n"    // of a format without pages
	partMark = "\x1f" // before the number of a further part of the same page
)

// pageKey names the page that a place is on.
func pageKey(kind appliance.Kind, p appliance.Place) string {
	switch {
	case p.Page > 0:
		return "p" + strconv.Itoa(p.Page)
	case p.Slide > 0:
		return "s" + strconv.Itoa(p.Slide)
	case p.Sheet != "":
		return "t" + strings.ReplaceAll(p.Sheet, partMark, "")
	case p.Article != "":
		return "a" + strings.ReplaceAll(p.Article, partMark, "")
	case p.End > 0:
		return "m" + strconv.Itoa(int(p.Start)/60)
	case kind == appliance.KindImage:
		return "p1"
	}
	return pieceKey
}

// numberedKey tells the parts of a page apart.
func numberedKey(at string, n int) string {
	if n == 1 && at != pieceKey {
		return at
	}
	return at + partMark + strconv.Itoa(n)
}

// countDoubts notes how many places of a source may be misread.
func (w *work) countDoubts(ctx context.Context) error {
	doubts := 0
	for p, err := range w.parts(ctx) {
		if err != nil {
			return err
		}
		for _, s := range p.Sections {
			if s.Doubt != "" {
				doubts++
			}
		}
	}
	if doubts > 0 {
		if w.src.Contents == nil {
			w.src.Contents = map[string]int{}
		}
		w.src.Contents["doubts"] = doubts
	}
	return nil
}
