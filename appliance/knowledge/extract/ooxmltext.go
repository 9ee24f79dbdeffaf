package extract

import (
	"regexp"
	"strconv"
	"strings"
)

// hexRune reads a letter's number, as w:sym and w:char write it.
func hexRune(s string) rune {
	n, err := strconv.ParseUint(s, 16, 24)
	if err != nil || n == 0 {
		return '\ufffd'
	}
	return rune(n)
}

// altText returns what an author wrote about a picture; nothing if a program
// did, or if it is only a file's name.
func altText(s string) string {
	s = clip(cleanLine(s), 1000)
	if len(s) < 3 || fileName.MatchString(s) || generatedText.MatchString(s) {
		return ""
	}
	return s
}

var (
	fileName      = regexp.MustCompile(`(?i)^\S*\.(png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp|heic)$|^[a-z]:\\|^(https?|file):|^(img|dsc|image|picture|photo|screenshot|whatsapp image)[ _-]?[\d _:.at-]*$|\.(png|jpe?g|gif|bmp|tiff?|emf|wmf|svg)$`)
	generatedText = regexp.MustCompile(`(?i)automatically generated|générée? automatiquement|^image result for|^résultat de recherche d'images`)
)

func pictureText(alt string) string { return "[picture: " + alt + "]" }

// isEquation reports whether an object was made by an editor of formulas.
func isEquation(program string) bool {
	program = strings.ToLower(program)
	return strings.HasPrefix(program, "equation") || strings.HasPrefix(program, "mathtype") || strings.HasPrefix(program, "math")
}
