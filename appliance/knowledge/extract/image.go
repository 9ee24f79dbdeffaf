package extract

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/ocr"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/paper"
)

// readImage reads the text in a picture; a TIFF may hold many pages.
func readImage(j *job) error {
	file := io.NewSectionReader(j.file, 0, j.size)
	pages := []io.ReadSeeker{file}
	if j.format == formatTIFF {
		var err error
		if pages, err = paper.Pages(file); err != nil {
			return fault.Damaged(err)
		}
	}
	info := infoOf(j.format)
	info.Pages = len(pages)
	if err := j.out.info(info); err != nil {
		return err
	}
	if err := j.ocr.Available(); errors.Is(err, ocr.ErrNoTesseract) {
		return fault.NoTool("tesseract", "Reading the text in pictures", err)
	} else if err != nil {
		return fault.ToolFailed("tesseract", err)
	}
	bad := 0
	for i, r := range pages {
		if err := j.out.working(i+1, len(pages)); err != nil {
			return err
		}
		j.ocr.Page = i + 1
		found, err := j.readPicture(r)
		if err != nil && (len(pages) == 1 || errors.Is(err, errTextLimit)) {
			return err
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "extract: picture %d: %v\n", i+1, err)
		}
		if found.Text == "" {
			j.out.count("pictures_without_text", 1)
			bad++
			continue
		}
		j.out.count("pictures", 1)
		place := appliance.Place{}
		if len(pages) > 1 {
			place.Page = i + 1
		}
		if err := j.out.section(found.Section(place)); err != nil {
			return err
		}
	}
	if bad > 0 && j.out.text > 0 {
		return j.out.notice(fault.NoticePagesUnreadable(bad, len(pages)))
	}
	return nil
}

func (j *job) readPicture(r io.ReadSeeker) (ocr.Found, error) {
	img, err := paper.Decode(r)
	if err != nil {
		return ocr.Found{}, err
	}
	debug.FreeOSMemory() // the decoded colours, before tesseract takes its share
	return j.ocr.Look(img)
}
