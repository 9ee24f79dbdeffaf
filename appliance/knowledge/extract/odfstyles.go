package extract

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

type odfCounters [odfLevels]int

// next counts at a level and forgets those within it.
func (c *odfCounters) next(level, first int) {
	if c[level] == 0 {
		c[level] = first - 1
	}
	c[level]++
	for i := level + 1; i < odfLevels; i++ {
		c[i] = 0
	}
}

// odfStyles are the styles that change what a text says.
type odfStyles struct {
	text    map[string]odfTextStyle
	lists   map[string]*[odfLevels]odfLevel
	outline [odfLevels]odfLevel
}

type odfTextStyle struct {
	parent  string
	place   int
	hidden  bool
	list    string
	listSet bool
}

// odfLevel is how the numbers of one level of a list look.
type odfLevel struct {
	form           letters.NumberForm
	known          bool
	prefix, suffix string
	start, display int
}

// readODFStyles reads the styles of the document and those made for its text.
func readODFStyles(a *parts.Archive) (odfStyles, error) {
	s := odfStyles{text: map[string]odfTextStyle{}, lists: map[string]*[odfLevels]odfLevel{}}
	for _, part := range []string{"styles.xml", "content.xml"} {
		name, family := "", ""
		var levels *[odfLevels]odfLevel
		err := parts.Walk(a, part, true, func(x *parts.Reader, t xml.Token) error {
			e, ok := t.(xml.StartElement)
			if !ok {
				return nil
			}
			switch e.Name.Local {
			case "body", "master-styles":
				return x.Skip()
			case "style":
				if name, family = parts.Attr(e, "name"), parts.Attr(e, "family"); len(s.text) < maxODFStyles {
					st := odfTextStyle{parent: parts.Attr(e, "parent-style-name")}
					for _, at := range e.Attr {
						if at.Name.Local == "list-style-name" {
							st.list, st.listSet = at.Value, true
						}
					}
					s.text[family+" "+name] = st
				}
			case "text-properties":
				st := s.text[family+" "+name]
				st.place = odfPosition(parts.Attr(e, "text-position"))
				st.hidden = parts.Attr(e, "display") == "none"
				if _, known := s.text[family+" "+name]; known {
					s.text[family+" "+name] = st
				}
			case "list-style":
				name, family = "", ""
				if levels = new([odfLevels]odfLevel); len(s.lists) < maxODFStyles {
					s.lists[parts.Attr(e, "name")] = levels
				}
			case "outline-style":
				name, family = "", ""
				levels = &s.outline
			case "list-level-style-number", "outline-level-style", "list-level-style-bullet", "list-level-style-image":
				n, _ := strconv.Atoi(parts.Attr(e, "level"))
				if n < 1 || n > odfLevels || levels == nil {
					return nil
				}
				l := odfLevel{known: true, form: letters.BulletForm, prefix: parts.Attr(e, "num-prefix"), suffix: parts.Attr(e, "num-suffix"), start: 1}
				if !strings.HasSuffix(e.Name.Local, "bullet") && !strings.HasSuffix(e.Name.Local, "image") {
					if l.form = listStyles[parts.Attr(e, "num-format")]; parts.Attr(e, "num-format") == "" {
						l.form = letters.NoNumber
					}
				}
				if v, err := strconv.Atoi(parts.Attr(e, "start-value")); err == nil {
					l.start = v
				}
				l.display, _ = strconv.Atoi(parts.Attr(e, "display-levels"))
				levels[n-1] = l
			}
			return nil
		})
		if parts.IsLimit(err) {
			return s, err
		}
	}
	return s, nil
}

// odfPosition reads "super 58%" or "33% 58%": 1 is raised, -1 lowered.
func odfPosition(v string) int {
	place, _, _ := strings.Cut(v, " ")
	percent, _ := strconv.ParseFloat(strings.TrimSuffix(place, "%"), 64)
	switch {
	case place == "super", percent > 5:
		return 1
	case place == "sub", percent < -5:
		return -1
	}
	return 0
}

// style looks a property up through the styles that a style stands on.
func (s odfStyles) style(family, name string, has func(odfTextStyle, string) bool) bool {
	for range 10 { // a chain may be a loop
		if name == "" {
			return false
		}
		st := s.text[family+" "+name]
		if has(st, name) {
			return true
		}
		name = st.parent
	}
	return false
}

func (s odfStyles) hidden(family, name string) bool {
	return s.style(family, name, func(st odfTextStyle, _ string) bool { return st.hidden })
}

func (s odfStyles) place(name string) (place int) {
	s.style("text", name, func(st odfTextStyle, _ string) bool {
		place = st.place
		return place != 0
	})
	return place
}

// named reports whether a paragraph's style is, or stands on, one of these.
func (s odfStyles) named(name string, names ...string) bool {
	return s.style("paragraph", name, func(_ odfTextStyle, at string) bool {
		for _, n := range names {
			if at == n {
				return true
			}
		}
		return false
	})
}

// listOf is the list that a paragraph's style puts it into.
func (s odfStyles) listOf(name string) (list string, set bool) {
	s.style("paragraph", name, func(st odfTextStyle, _ string) bool {
		list, set = st.list, st.listSet
		return set
	})
	return list, set
}

// marker writes the number of a level with those that stand before it.
func odfMarker(levels *[odfLevels]odfLevel, c *odfCounters, level int) string {
	l := levels[level]
	switch l.form {
	case letters.BulletForm:
		return "-"
	case letters.NoNumber:
		return ""
	}
	first := max(0, level+1-max(l.display, 1))
	var parts []string
	for i := first; i <= level; i++ {
		if form := levels[i].form; form != letters.BulletForm && form != letters.NoNumber {
			parts = append(parts, form.Write(max(c[i], 1)))
		}
	}
	suffix := l.suffix
	if suffix == "" && l.prefix == "" && len(parts) == 1 {
		suffix = "."
	}
	return strings.TrimSpace(l.prefix) + strings.Join(parts, ".") + strings.TrimSpace(suffix)
}
