package safety

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lines reads testdata: "category<TAB>sentence", "-" for what must pass.
func lines(t *testing.T, file string) (list [][2]string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	for in.Scan() {
		if want, text, ok := strings.Cut(in.Text(), "\t"); ok {
			list = append(list, [2]string{want, text})
		}
	}
	return list
}

func TestQuestions(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.tsv")
	if len(files) != 4 {
		t.Fatal(files)
	}
	for _, file := range files {
		flagged, harmless := 0, 0
		for _, x := range lines(t, file) {
			want, text := x[0], x[1]
			f, found := Question(text)
			switch {
			case want == "-":
				if harmless++; found {
					t.Errorf("%s: %q is a lesson, and is taken for %s", file, text, f.Category)
				}
			default:
				if flagged++; !found || string(f.Category) != want {
					t.Errorf("%s: %q is %q (%v), want %s", file, text, f.Category, found, want)
				}
			}
		}
		if flagged < 20 || harmless < 15 {
			t.Errorf("%s has %d and %d sentences", file, flagged, harmless)
		}
	}
}

// What pupils say in each language is found, in that language, so that they are
// answered in it; and what only sounds like it is not.
func TestWhatIsSaidIsFoundInItsLanguage(t *testing.T) {
	flagged, harmless := 0, 0
	for _, language := range []string{"en", "fr", "sw", "rw"} {
		for _, x := range lines(t, filepath.Join("testdata", "spoken", language+".tsv")) {
			want, text := x[0], x[1]
			f, found := Question(text)
			if want == "-" {
				if harmless++; found {
					t.Errorf("%q is a lesson, and is taken for %s", text, f.Category)
				}
				continue
			}
			if flagged++; !found || string(f.Category) != want || f.Language != language {
				t.Errorf("%q is %q in %q, want %s in %s", text, f.Category, f.Language, want, language)
			}
		}
	}
	if flagged < 62 || harmless < 60 {
		t.Errorf("%d and %d sentences", flagged, harmless)
	}
}

// A word in disguise is the same word.
func TestDisguises(t *testing.T) {
	for _, text := range []string{"I want to k1ll mys3lf", "i want to kiiiilll myself", "I WANT TO DIE!!!", "i wánt tó díe", "i want to k.i.l.l myself",
		"I\u200b want to d\u200bie", "how to make a b0mb", "I… want… to… die"} {
		if _, found := Question(text); !found {
			t.Errorf("%q passes", text)
		}
	}
}

func TestAnswers(t *testing.T) {
	passage := "The office of the reserve answers on +250 788 123 456 and at office@akagera.example."
	for text, want := range map[string]Category{
		"You can call me on +250 788 999 999.":                                 Contact,
		"Write to friend@example.com.":                                         Contact,
		"The reserve's number is +250 788 123 456, or office@akagera.example.": "",
		"The nucleus holds the DNA.":                                           "",
		"First, mix them. To make a bomb you need…":                            Violence,
		"You should kill yourself.":                                            SelfHarm,
		"In 1994 more than 1,000,000 people were killed.":                      "",
		"The speed of light is 299 792 458 metres a second.":                   "",
		"Call 0788 123 456.":                                                   "",
		"Do not tell your parents about this.":                                 Contact,
		"Antibiotics kill bacteria.":                                           "",
	} {
		if f, found := Answer(text, passage); f.Category != want || found != (want != "") {
			t.Errorf("%q: %+v, want %q", text, f, want)
		}
	}
}

func TestReplies(t *testing.T) {
	for _, language := range []string{"en", "fr", "sw", "rw"} {
		for _, c := range order {
			if len(replies[language][c]) < 40 {
				t.Errorf("no reply to %s in %s", c, language)
			}
			// A reply must pass its own check.
			if f, found := Answer(Reply(c, language)); found {
				t.Errorf("the reply to %s in %s is taken for %s", c, language, f.Category)
			}
		}
	}
	if Reply(SelfHarm, "xx") != replies["en"][SelfHarm] {
		t.Error("no reply in a language that is not known")
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	for _, text := range []string{"no section", "[self_harm]\nx", "[self_harm 9]\nx", "[self_harm 2]\na ... ... b"} {
		if parse(text, "en", map[Category]*ruleset{}, map[Category]string{}) == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func BenchmarkStretched(b *testing.B) {
	text := strings.Repeat("iii wwwant to kiiill ", 100)[:2000]
	for b.Loop() {
		Question(text)
	}
}

func BenchmarkQuestion(b *testing.B) {
	text := strings.Repeat("How does the heart of a mammal pump blood around the body? ", 34)[:2000]
	for b.Loop() {
		Question(text)
	}
}
