package extract

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/cells"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

const (
	// maxChartRows and maxChartSeries bound a chart; its lines show no more
	// to an eye either.
	maxChartRows   = 2000
	maxChartSeries = 60
	maxChartCells  = 20_000
	maxChartLevels = 4
)

// chart is what a chart shows, as its file keeps the last state of its sheet.
type chart struct {
	title     string
	category  string   // title of the axis of categories
	values    []string // titles of the axes of values
	series    []*chartSeries
	scattered bool // points by x and y instead of categories
	cells     int
	cut       bool // there was more than is kept
}

type chartSeries struct {
	id, name string
	labels   []chartPoints // of categories, innermost first
	x, y     chartPoints
}

// chartPoints are values by their number; some may be missing.
type chartPoints struct {
	format string
	values []string
}

// readChart reads a chart into the flow, as a table.
func readChart(j *job, a *parts.Archive, part string, f *flow) error {
	c := &chart{}
	err := parts.Walk(a, part, false, (&chartWalk{chart: c}).token)
	if parts.IsLimit(err) && a.Left <= 0 {
		return err
	}
	if c.empty() {
		if sheet := parts.RelationsOf(a, part).First("package"); sheet != "" && err == nil {
			f.para(c.title)
			return readEmbedded(j, a, sheet, f)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "extract: chart: %v\n", err)
		}
		f.out.count("charts_lost", 1)
		f.para(cmp.Or(c.title, strings.Join(c.values, " ")))
		return f.err
	}
	if c.cut {
		f.out.count("charts_cut", 1)
	}
	c.table(f)
	return f.err
}

func (c *chart) empty() bool {
	return !slices.ContainsFunc(c.series, func(s *chartSeries) bool { return len(s.y.values) > 0 })
}

// chartWalk is the walk through a chart's part.
type chartWalk struct {
	chart  *chart
	series *chartSeries
	target *chartPoints
	index  int
	level  int
	labels bool     // the target is one of the levels of categories
	open   []string // elements
}

func (w *chartWalk) token(x *parts.Reader, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		name := t.Name.Local
		done, err := w.start(x, t)
		if !done {
			w.open = append(w.open, name)
		}
		return err
	case xml.EndElement:
		if n := len(w.open); n > 0 {
			w.open = w.open[:n-1]
		}
		switch t.Name.Local {
		case "ser", "data":
			w.series, w.target = nil, nil
		case "cat", "val", "xVal", "yVal", "strDim", "numDim":
			w.target, w.labels = nil, false
		}
	}
	return nil
}

// start returns whether it has read the whole element.
func (w *chartWalk) start(x *parts.Reader, e xml.StartElement) (done bool, err error) {
	c := w.chart
	switch name := e.Name.Local; name {
	case "title":
		tree, err := x.Tree(e, 5000)
		w.title(dmlTexts(tree))
		return true, err
	case "scatterChart", "bubbleChart":
		c.scattered = true
	case "ser", "data":
		if len(c.series) >= maxChartSeries {
			c.cut = true
			return true, x.Skip()
		}
		w.series = &chartSeries{id: parts.Attr(e, "id")}
		c.series = append(c.series, w.series)
		w.level = 0
	case "series": // of the newer kinds of charts: its values stand elsewhere
		tree, err := x.Tree(e, 20_000)
		for _, s := range c.series {
			if s.id != "" && s.id == tree.Child("dataId").Val() {
				s.name = dmlTexts(tree.Child("tx"))
			}
		}
		return true, err
	case "tx":
		if w.series != nil && w.target == nil {
			tree, err := x.Tree(e, 5000)
			w.series.name = dmlTexts(tree)
			return true, err
		}
	case "cat", "strDim":
		w.labelLevel(0)
	case "lvl":
		if w.labels {
			w.labelLevel(w.level)
			w.level++
		} else if w.target != nil {
			w.target.format = cmp.Or(w.target.format, parts.Attr(e, "formatCode"))
		}
	case "xVal":
		w.aim(func(s *chartSeries) *chartPoints { return &s.x })
	case "val", "yVal", "numDim":
		w.aim(func(s *chartSeries) *chartPoints { return &s.y })
	case "formatCode":
		text, err := x.Text()
		if w.target != nil {
			w.target.format = text
		}
		return true, err
	case "pt":
		if w.index, err = strconv.Atoi(parts.Attr(e, "idx")); err != nil {
			w.index = -1
		}
		if w.target != nil && strings.HasSuffix(parentOf(w.open), "lvl") && w.newKind() {
			text, err := x.Text()
			w.put(text)
			return true, err
		}
	case "v":
		text, err := x.Text()
		w.put(text)
		return true, err
	case "dLbls", "dPt", "trendline", "errBars", "spPr", "txPr", "extLst", "Fallback", "bubbleSize", "marker", "userShapes":
		return true, x.Skip()
	}
	return false, nil
}

// newKind reports whether the part is of the newer kinds of charts, whose points
// hold their text themselves.
func (w *chartWalk) newKind() bool { return slices.Contains(w.open, "chartData") }

func parentOf(open []string) string {
	if n := len(open); n > 0 {
		return open[n-1]
	}
	return ""
}

func (w *chartWalk) aim(at func(*chartSeries) *chartPoints) {
	if w.series != nil {
		w.target, w.labels = at(w.series), false
	}
}

func (w *chartWalk) labelLevel(n int) {
	if w.series == nil || n >= maxChartLevels {
		w.target = nil
		return
	}
	for len(w.series.labels) <= n {
		w.series.labels = append(w.series.labels, chartPoints{})
	}
	w.target, w.labels = &w.series.labels[n], true
	if n == 0 {
		w.level = 0
	}
}

// put keeps a value, if there is room.
func (w *chartWalk) put(text string) {
	c, p := w.chart, w.target
	if p == nil || w.index < 0 {
		return
	}
	if w.index >= maxChartRows || c.cells >= maxChartCells {
		c.cut = true
		return
	}
	for len(p.values) <= w.index {
		p.values = append(p.values, "")
	}
	p.values[w.index] = clean.Clip(clean.Line(text), 300)
	c.cells++
}

func (w *chartWalk) title(text string) {
	c := w.chart
	switch parentOf(w.open) {
	case "catAx", "dateAx", "serAx":
		c.category = cmp.Or(c.category, text)
	case "valAx":
		if text != "" && len(c.values) < 4 {
			c.values = append(c.values, text)
		}
	case "axis":
	default:
		c.title = cmp.Or(c.title, text)
	}
}

// table writes the chart as rows: a category, then its value in each series.
func (c *chart) table(f *flow) {
	c.series = slices.DeleteFunc(c.series, func(s *chartSeries) bool { return len(s.y.values) == 0 })
	caption := c.title
	if caption == "" && len(c.series) == 1 {
		caption = c.series[0].name
	}
	if len(c.values) > 0 && !c.scattered {
		caption = strings.TrimSpace(caption + " (" + strings.Join(c.values, "; ") + ")")
	}
	g := f.openTable(caption)
	g.counted = "charts"
	if c.scattered {
		c.points(g)
	} else {
		c.categories(g)
	}
	g.close()
}

func (c *chart) names(g *grid) {
	for i, s := range c.series {
		g.cell(cmp.Or(s.name, fmt.Sprintf("Series %d", i+1)), 1, 1, true)
	}
	g.endRow()
}

func (c *chart) categories(g *grid) {
	labels := slices.MaxFunc(c.series, func(a, b *chartSeries) int { return len(a.labels) - len(b.labels) }).labels
	rows := 0
	for _, s := range c.series {
		rows = max(rows, len(s.y.values))
	}
	for i := range max(len(labels), 1) {
		if i == max(len(labels), 1)-1 {
			g.cell(c.category, 1, 1, true)
		} else {
			g.cell("", 1, 1, true)
		}
	}
	c.names(g)
	for row := range rows {
		for level := len(labels) - 1; level >= 0; level-- {
			g.cell(labels[level].label(row, level > 0), 1, 1, false)
		}
		if len(labels) == 0 {
			g.cell(strconv.Itoa(row+1), 1, 1, false)
		}
		for _, s := range c.series {
			g.cell(s.y.value(row), 1, 1, false)
		}
		g.endRow()
	}
}

// points writes the points of lines that are drawn by x and y.
func (c *chart) points(g *grid) {
	x, y := "x", "y"
	if len(c.values) == 2 {
		x, y = c.values[0], c.values[1]
	}
	first := c.series[0]
	shared := !slices.ContainsFunc(c.series, func(s *chartSeries) bool { return !slices.Equal(s.x.values, first.x.values) })
	if shared {
		g.cell(x, 1, 1, true)
		c.names(g)
		for row := range max(len(first.x.values), len(first.y.values)) {
			g.cell(first.x.value(row), 1, 1, false)
			for _, s := range c.series {
				g.cell(s.y.value(row), 1, 1, false)
			}
			g.endRow()
		}
		return
	}
	for _, name := range []string{"", x, y} {
		g.cell(name, 1, 1, true)
	}
	g.endRow()
	for i, s := range c.series {
		for row := range s.y.values {
			g.cell(cmp.Or(s.name, fmt.Sprintf("Series %d", i+1)), 1, 1, false)
			g.cell(s.x.value(row), 1, 1, false)
			g.cell(s.y.value(row), 1, 1, false)
			g.endRow()
		}
	}
}

// label is the name of a row; a group's stands only on its first.
func (p chartPoints) label(row int, group bool) string {
	if group {
		for row >= 0 && (row >= len(p.values) || p.values[row] == "") {
			row--
		}
	}
	return p.value(max(row, 0))
}

// value is a value as its format shows it.
func (p chartPoints) value(row int) string {
	if row >= len(p.values) {
		return ""
	}
	return shownNumber(p.values[row], p.format)
}

// shownNumber writes a number as a format shows it, as far as that changes what
// it means: shares and dates.
func shownNumber(text, format string) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	if format != "" && !strings.EqualFold(format, "General") && strings.ContainsAny(format, "%yYdDhHsS") {
		return cells.ParseFormat(clean.Clip(format, 200)).Number(n, false)
	}
	return strconv.FormatFloat(tidy(n), 'f', -1, 64)
}

// tidy rounds away what the processor added: 8.200000000000001.
func tidy(n float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 12, 64), 64)
	if err != nil {
		return n
	}
	return r
}
