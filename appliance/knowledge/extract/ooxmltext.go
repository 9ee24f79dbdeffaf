package extract

import (
	"regexp"
	"strings"
)

// altText returns what an author wrote about a picture, as it is put into the
// text; nothing if a program wrote it.
func altText(s string) string {
	if generatedText.MatchString(s) {
		return ""
	}
	return pictureText(s)
}

var generatedText = regexp.MustCompile(`(?i)automatically generated|générée? automatiquement|^image result for|^résultat de recherche d'images|^[a-z]:\\|^\W*$`)

// isEquation reports whether an object was made by an editor of formulas.
func isEquation(program string) bool {
	program = strings.ToLower(program)
	return strings.HasPrefix(program, "equation") || strings.HasPrefix(program, "mathtype") || strings.HasPrefix(program, "math")
}
