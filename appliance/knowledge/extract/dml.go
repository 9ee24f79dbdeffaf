package extract

import (
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/mathtext"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// lostFormula stands where a formula was that could not be read.
const lostFormula = "[formula that could not be read]"

// dmlText is a paragraph of DrawingML, the form in which slides, charts and
// diagrams keep text.
type dmlText struct {
	text  string
	tex   []string
	doubt string
}

// dmlPara reads a paragraph (a:p).
func dmlPara(p *parts.Node) dmlText {
	w := &dmlWalk{}
	w.kids(p)
	w.endScript()
	w.out.text = strings.TrimSpace(w.b.String())
	return w.out
}

type dmlWalk struct {
	out    dmlText
	b      strings.Builder
	script strings.Builder
	vert   int
}

func (w *dmlWalk) kids(n *parts.Node) {
	if n == nil {
		return
	}
	chosen := false
	for _, k := range n.Kids {
		switch k.Name {
		case "r", "fld":
			w.run(k)
		case "br":
			w.endScript()
			w.b.WriteByte('\n')
		case "oMath", "oMathPara":
			w.formula(k)
		case "Choice", "Fallback":
			if !chosen {
				w.kids(k)
			}
			chosen = true
		case "pPr", "endParaRPr":
		default:
			w.kids(k)
		}
	}
}

func (w *dmlWalk) formula(n *parts.Node) {
	f := mathtext.Office(n)
	if f.Plain == "" {
		return
	}
	w.endScript()
	if s := w.b.String(); s != "" && !strings.HasSuffix(s, " ") && !strings.HasSuffix(s, "(") {
		w.b.WriteByte(' ')
	}
	w.b.WriteString(f.Plain)
	w.out.tex = append(w.out.tex, f.TeX)
}

func (w *dmlWalk) run(n *parts.Node) {
	text := ""
	for _, k := range n.Kids {
		if k.Name == "t" {
			text += k.Text
		}
	}
	if text == "" {
		return
	}
	rPr := n.Child("rPr")
	font := rPr.Child("latin").Attr("typeface")
	if private := strings.IndexFunc(text, letters.IsPrivate) >= 0; private && letters.SymbolFont(font) == "" {
		font = rPr.Child("sym").Attr("typeface")
	}
	text, known := letters.SymbolText(font, text)
	if !known {
		w.out.doubt = "symbols"
	}
	vert := 0
	if v, err := strconv.Atoi(strings.TrimSuffix(rPr.Attr("baseline"), "%")); err == nil && v != 0 {
		vert = 1
		if v < 0 {
			vert = -1
		}
	}
	if vert != w.vert {
		w.endScript()
		w.vert = vert
	}
	if vert != 0 {
		w.script.WriteString(text)
		return
	}
	w.b.WriteString(text)
}

func (w *dmlWalk) endScript() {
	text, vert := w.script.String(), w.vert
	w.script.Reset()
	w.vert = 0
	if text != "" {
		w.b.WriteString(scriptText(w.b.String(), text, vert))
	}
}

// dmlTexts gathers the paragraphs under n, with the cached values of what is
// linked to a sheet.
func dmlTexts(n *parts.Node) string {
	var texts []string
	var walk func(*parts.Node)
	walk = func(n *parts.Node) {
		if n == nil {
			return
		}
		for _, k := range n.Kids {
			switch k.Name {
			case "p":
				texts = append(texts, dmlPara(k).text)
			case "v":
				texts = append(texts, k.Text)
			default:
				walk(k)
			}
		}
	}
	walk(n)
	return clean.Line(strings.Join(texts, " "))
}
