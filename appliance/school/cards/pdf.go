package cards

import (
	"io"
	"strconv"

	"github.com/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"rsc.io/qr"

	"github.com/bwenge-os/bwenge/appliance"
)

// Sheet is the cards of a class.
type Sheet struct {
	School, Class, Code string
	BaseURL             string // where tablets find the box
	Fingerprint         string // of its authority's certificate, or empty
	Language            string // en, fr, rw or sw
	Cards               []Card
}

// Card is one pupil's. It shows Pictures or PIN, or, with neither, room to write.
type Card struct {
	Name     string
	User     appliance.UserID
	Pictures []string
	PIN      string
}

// words on the cards, by language.
var words = map[string]struct{ open, code, pictures, pin, certificate string }{
	"en": {"Open", "Class code", "My pictures, in this order", "My PIN", "Certificate"},
	"fr": {"Ouvre", "Code de la classe", "Mes images, dans cet ordre", "Mon code PIN", "Certificat"},
	"rw": {"Fungura", "Kode y'ishuri", "Amashusho yanjye, kuri uyu murongo", "PIN yanjye", "Icyemezo"},
	"sw": {"Fungua", "Msimbo wa darasa", "Picha zangu, kwa mpangilio huu", "PIN yangu", "Cheti"},
}

// Measures of the page in millimetres: A4, two columns of four.
const (
	margin     = 10.0
	cardWidth  = 95.0
	cardHeight = 68.0
	perPage    = 8
)

// PDF writes the cards, eight on a page of A4, with lines to cut along.
func PDF(w io.Writer, s Sheet) error {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes("go", "", goregular.TTF)
	pdf.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetTitle(s.School+", "+s.Class, true)
	for i, c := range s.Cards {
		if i%perPage == 0 {
			pdf.AddPage()
		}
		place := i % perPage
		if err := drawCard(pdf, s, c, margin+float64(place%2)*cardWidth, margin+float64(place/2)*cardHeight); err != nil {
			return err
		}
	}
	if len(s.Cards) == 0 {
		pdf.AddPage()
	}
	return pdf.Output(w)
}

func drawCard(pdf *fpdf.Fpdf, s Sheet, c Card, x, y float64) error {
	text, ok := words[s.Language]
	if !ok {
		text = words["en"]
	}
	pdf.SetDrawColor(160, 160, 160)
	pdf.SetDashPattern([]float64{2, 2}, 0)
	pdf.Rect(x, y, cardWidth, cardHeight, "D")
	pdf.SetDashPattern(nil, 0)
	pdf.SetTextColor(0, 0, 0)
	line := func(style string, size, dy float64, content string, width float64) {
		pdf.SetFont("go", style, size)
		for size > 6 && pdf.GetStringWidth(content) > width {
			size -= 0.5
			pdf.SetFontSize(size)
		}
		pdf.Text(x+5, y+dy, content)
	}
	line("B", 15, 10, c.Name, cardWidth-10)
	line("", 9, 15.5, s.School+" · "+s.Class, cardWidth-10)
	line("", 8, 23, text.open+" "+s.BaseURL, 54)
	line("", 8, 29, text.code, 54)
	line("B", 15, 35.5, s.Code, 54)
	if s.Fingerprint != "" {
		line("", 6, 39.5, text.certificate+" "+short(s.Fingerprint), 54)
	}
	if err := drawQR(pdf, s.BaseURL+"/join/"+s.Code+"?u="+string(c.User), x+62, y+17, 28); err != nil {
		return err
	}
	if len(c.Pictures) == 0 {
		line("", 8, 52, text.pin, 54)
		line("B", 18, 61, orBlank(c.PIN), 54)
		return nil
	}
	line("", 8, 43, text.pictures, 54)
	for i, id := range c.Pictures {
		left := x + 5 + float64(i)*18
		pdf.SetFillColor(255, 255, 255)
		pdf.SetDrawColor(120, 120, 120)
		pdf.RoundedRect(left, y+47, 16, 16, 2, "1234", "FD")
		if p := find(id); p != nil {
			drawPicture(pdf, p, left+1.5, y+48.5, 13)
		}
		pdf.SetFont("go", "", 7)
		pdf.Text(left+7.2, y+66.3, strconv.Itoa(i+1))
	}
	return nil
}

// short is as much of a fingerprint as a child can compare: 64 bits.
func short(fingerprint string) string {
	if len(fingerprint) > 23 {
		return fingerprint[:23] + " …"
	}
	return fingerprint
}

func orBlank(pin string) string {
	if pin == "" {
		return "_ _ _ _"
	}
	return pin
}

func drawPicture(pdf *fpdf.Fpdf, p *picture, x, y, size float64) {
	scale := size / 100
	for _, s := range p.shapes {
		rgb, err := strconv.ParseUint(s.colour, 16, 32)
		if err != nil {
			panic(err) // our own table
		}
		pdf.SetFillColor(int(rgb>>16), int(rgb>>8&255), int(rgb&255))
		if s.points == nil {
			pdf.Ellipse(x+s.x*scale, y+s.y*scale, s.r*scale, s.ry*scale, 0, "F")
			continue
		}
		points := make([]fpdf.PointType, 0, len(s.points)/2)
		for i := 0; i < len(s.points); i += 2 {
			points = append(points, fpdf.PointType{X: x + s.points[i]*scale, Y: y + s.points[i+1]*scale})
		}
		pdf.Polygon(points, "F")
	}
}

func drawQR(pdf *fpdf.Fpdf, text string, x, y, size float64) error {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return err
	}
	module := size / float64(code.Size)
	pdf.SetFillColor(0, 0, 0)
	for row := range code.Size {
		for column := 0; column < code.Size; column++ {
			from := column
			for column < code.Size && code.Black(column, row) {
				column++
			}
			if column > from {
				pdf.Rect(x+float64(from)*module, y+float64(row)*module, float64(column-from)*module, module, "F")
			}
		}
	}
	return nil
}
