package box

import "embed"

//go:embed sample/*.md
var samples embed.FS

// sampleLesson is a short lesson with which a school tries the box before it
// has material of its own: a file's name and content.
func sampleLesson(language string) (name string, content []byte) {
	names := map[string]string{"fr": "Le cycle de l'eau", "rw": "Urugendo rw'amazi", "sw": "Mzunguko wa maji"}
	title, ok := names[language]
	if !ok {
		language, title = "en", "The water cycle"
	}
	content, err := samples.ReadFile("sample/" + language + ".md")
	if err != nil {
		panic(err) // embedded above
	}
	return title + ".md", content
}
