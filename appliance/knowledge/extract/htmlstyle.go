package extract

import (
	"strings"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

// styleSheet holds what of a page's styles changes what it says: powers and the
// numbers of lists. Keys are "tag", ".class" and "tag.class".
type styleSheet map[string]map[string]string

func (css *styleSheet) read(text string) {
	for _, rule := range cssRule.FindAllStringSubmatch(clean.Clip(text, maxCSS), maxStyles) {
		for _, property := range cssProperty.FindAllStringSubmatch(rule[2], -1) {
			for selector := range strings.SplitSeq(rule[1], ",") {
				m := cssSelector.FindStringSubmatch(strings.TrimSpace(selector))
				if m == nil || len(*css) >= maxStyles {
					continue
				}
				key := strings.ToLower(m[1]) + m[2]
				if *css == nil {
					*css = styleSheet{}
				}
				if (*css)[key] == nil {
					(*css)[key] = map[string]string{}
				}
				(*css)[key][strings.ToLower(property[1])] = strings.ToLower(strings.TrimSpace(property[2]))
			}
		}
	}
}

// property is an element's own style, or that of its class.
func (css styleSheet) property(tag string, attrs tagAttrs, name string) string {
	if style := attrs["style"]; style != "" {
		for _, m := range cssProperty.FindAllStringSubmatch(style, -1) {
			if strings.EqualFold(m[1], name) {
				return strings.ToLower(strings.TrimSpace(m[2]))
			}
		}
	}
	if len(css) == 0 {
		return ""
	}
	for _, c := range attrs.classes() {
		for _, key := range []string{tag + "." + c, "." + c} {
			if v := css[key][name]; v != "" {
				return v
			}
		}
	}
	return css[tag][name]
}

// listStyle is the style of a list's markers: a name of CSS, "" if none is set.
func (css styleSheet) listStyle(tag string, attrs tagAttrs) string {
	if tag == "li" && attrs["type"] != "" {
		return attrs["type"]
	}
	if style := css.property(tag, attrs, "list-style-type"); style != "" {
		return style
	}
	for word := range strings.FieldsSeq(css.property(tag, attrs, "list-style")) {
		if _, known := listStyles[word]; known {
			return word
		}
	}
	return ""
}
