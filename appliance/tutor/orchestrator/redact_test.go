package orchestrator

import (
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/models"
)

var people = []string{"Claudine Mukamana", "Keza Uwase", "Jean-Bosco Nkurunziza", "Élodie Ingabire", "Grace Iradukunda", "Victoria Mutesi", "Li Wei", "Pascal Habimana"}

// asked is a question of Keza Uwase's as it leaves the box.
func asked(question, material string) string {
	p := models.Prompt{Material: material, Turns: []models.Turn{{Role: "user", Content: "Text: " + material + "\n\nQuestion: " + question}}}
	_, question, _ = strings.Cut(newRedactor(people).clean(p, "Keza Uwase").Turns[0].Content, "\n\nQuestion: ")
	return question
}

// A part of anybody's name is enough, however it is written.
func TestSingleNamesAreHidden(t *testing.T) {
	for said, want := range map[string]string{
		"Why is claudine late?":                      "Why is [name] late?",
		"MUKAMANA says 7 is prime.":                  "[name] says 7 is prime.",
		"Is elodie right, or Elodie's friend?":       "Is [name] right, or [name]'s friend?",
		"E\u0301lodie and ÉLODIE":                    "[name] and [name]",
		"Qu'est-ce que dit l'élève d'Ingabire ?":     "Qu'est-ce que dit l'élève d'[name] ?",
		"jean bosco, Bosco and Jean-Bosco":           "[name] and [name]",
		"Uwase Keza and keza uwase":                  "[name] and [name]",
		"Mukamana, Claudine teaches us":              "[name] teaches us",
		"Li Wei is here; li is a word":               "[name] is here; li is a word",
		"Who was Mukamanamana?":                      "Who was Mukamanamana?",
		"My friend Grace has hope and grace":         "My friend [name] has hope and grace",
		"How deep is Lake Victoria?":                 "How deep is Lake Victoria?",
		"How deep is lac Victoria, says Victoria":    "How deep is lac Victoria, says [name]",
		"King Mutesi of Buganda":                     "King Mutesi of Buganda",
		"grace iradukunda asks for grace":            "[name] asks for grace",
		"Iki ni igitabo cya Nkurunziza na Habimana.": "Iki ni igitabo cya [name] na [name].",
	} {
		if got := asked(said, ""); got != want {
			t.Errorf("%q became %q, want %q", said, got, want)
		}
	}
	// The asker's own is hidden even where it is a word.
	p := models.Prompt{Turns: []models.Turn{{Role: "user", Content: "Grace is what grace means?"}}}
	if got := newRedactor(people).clean(p, "Grace Iradukunda").Turns[0].Content; got != "[name] is what [name] means?" {
		t.Error(got)
	}
}

// Kings and characters keep their names in the material, pupils do not.
func TestMaterialKeepsItsNames(t *testing.T) {
	material := "Claudine went to Lake Victoria with Pascal. Marks: KEZA UWASE 12, Uwase, Keza 13, call 0788 123 456."
	p := models.Prompt{Material: material, Turns: []models.Turn{
		{Role: "system", Content: "You teach Claudine."},
		{Role: "user", Content: "Text: " + material + "\n\nQuestion: Who is Claudine?"}}}
	turns := newRedactor(people).clean(p, "").Turns
	if got := turns[0].Content; got != "You teach [name]." {
		t.Error(got)
	}
	want := "Text: Claudine went to Lake Victoria with Pascal. Marks: [name] 12, [name] 13, call [number].\n\nQuestion: Who is [name]?"
	if got := turns[1].Content; got != want {
		t.Error(got)
	}
	// What is said to be material and is not quoted is looked at as any other text.
	p.Material = "something else"
	if got := newRedactor(people).clean(p, "").Turns[1].Content; strings.Contains(got, "Claudine") {
		t.Error(got)
	}
}

func TestAddressesAndNumbersAreHidden(t *testing.T) {
	for _, secret := range []string{
		"+250 788 123 456", "+250788123456", "00250 788 123 456", "250788123456", "(0788) 123 456", "0788-123-456", "0788.123.456",
		"0788/123/456", "07 88 12 34 56", "0788_123_456", "0788123456", "788123456", "788 123 456", "0788–123–456", "0788\u00a0123\u00a0456",
		"+250 (0)788 123456", "555-123-4567", "(555) 123-4567", "+33 1 23 45 67 89", "1199080012345678", "1 1990 8 0012345 6 78",
		"0788 123 456 0722 222 333", "25/11/2026 0788 123 456",
	} {
		got := asked("call "+secret+" now", "")
		if digits := strings.Map(func(c rune) rune {
			if c < '0' || c > '9' {
				return -1
			}
			return c
		}, strings.TrimPrefix(got, "call 25/11/2026")); digits != "" {
			t.Errorf("%q became %q", secret, got)
		}
	}
	for _, secret := range []string{
		"keza@school.rw", "Keza.U+x@mail.school.ac.rw", "keza @ school.rw", "keza(at)school.rw", "keza [at] school [dot] rw", "kéza@école.rw", "@keza_2012",
	} {
		if got := asked("write to "+secret+" now", ""); got != "write to [address] now" {
			t.Errorf("%q became %q", secret, got)
		}
	}
	for _, kept := range []string{
		"1994", "1,000,000", "1 000 000", "6 371 000 m", "2026-11-25", "25/11/2026", "2026-11-25 10:30", "3.14159265", "0.12345678", "1994-1998",
		"0 1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 9", "0101 1100", "01011100", "299792458", "6.022e23", "12/20", "10 20 30 40 50 60", "5+1234567=?",
	} {
		if got := asked("What is "+kept+" ?", ""); got != "What is "+kept+" ?" && kept != "5+1234567=?" {
			t.Errorf("%q became %q", kept, got)
		}
	}
}
