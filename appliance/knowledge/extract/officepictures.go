package extract

import (
	"bytes"
	"errors"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/ocr"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/paper"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// ocrPictures reads the pictures of a part that gave nearly no text: slides and
// documents that are photos of pages.
func ocrPictures(j *job, a *parts.Archive, rels parts.Relations, place appliance.Place) error {
	if j.out.text >= paper.StampLetters {
		return nil
	}
	return ocrImages(j, a, rels, place)
}

// maxPictures bounds the pictures read in one document.
const maxPictures = 200

func ocrImages(j *job, a *parts.Archive, rels parts.Relations, place appliance.Place) error {
	for _, name := range rels.Images() {
		if j.pictures++; j.pictures > maxPictures {
			return nil
		}
		data, err := a.Bytes(name, 32<<20)
		if errors.Is(err, parts.ErrInflated) && a.Left <= 0 {
			return err
		}
		if err != nil {
			continue
		}
		img, err := paper.Decode(bytes.NewReader(data))
		if err != nil {
			continue // a format without text or a broken one: the document stays good
		}
		text, err := j.ocr.Text(img)
		if errors.Is(err, ocr.ErrNoTesseract) {
			return nil
		}
		if err != nil {
			continue
		}
		if text != "" && j.out.counts["pictures_without_text"] > 0 { // as it had seemed
			j.out.count("pictures_without_text", -1)
		}
		if err := j.out.section(appliance.Section{Text: text, Place: place}); err != nil {
			return err
		}
	}
	return nil
}
