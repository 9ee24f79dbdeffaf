package tutor

import (
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// lesson is a conversation with a persona that guides.
type lesson struct {
	*box
	persona, conversation string
	n                     int
}

func newLesson(t *testing.T, language string) *lesson {
	b := newBox(t, "Lake Kivu is 480 metres deep.")
	addSource(t, b.store, appliance.DefaultOrg, "leaves.txt", []appliance.Chunk{{Heading: "Autumn leaves", Place: appliance.Place{Page: 1},
		Text:   "Trees drop their leaves in the dry season because the leaves lose too much water through their pores.",
		Vector: modeltest.Vector("Why do trees drop their leaves in the dry season?")}})
	return &lesson{box: b, persona: b.persona(t, appliance.PersonaContent{Name: "Amina", Tone: appliance.ToneQuestions, Language: language}).ID}
}

func (l *lesson) say(t *testing.T, text string) appliance.Answer {
	t.Helper()
	l.n++
	s := watch(t, l.ask(t, appliance.Question{ID: string(rune('a' + l.n)), Text: text, PersonaID: l.persona, ConversationID: l.conversation}))
	if s.problem != nil {
		t.Fatalf("%s: %+v", text, s.problem)
	}
	if s.text != "" && s.text != s.answer.ResponseText {
		t.Errorf("%s: shown %q, kept %q", text, s.text, s.answer.ResponseText)
	}
	l.conversation = s.answer.ConversationID
	return s.answer
}

func TestAPupilIsLedToTheAnswer(t *testing.T) {
	l := newLesson(t, "")
	hint := l.say(t, kivu)
	if hint.Mode != appliance.ModeGuide || strings.Contains(hint.ResponseText, "480") || !strings.Contains(hint.ResponseText, "“kivu.txt”") ||
		!strings.Contains(hint.ResponseText, askNumber[english]) || len(hint.Citations) != 1 || hint.Citations[0].SourceTitle != "kivu.txt" {
		t.Fatalf("%+v", hint)
	}
	gap := l.say(t, "I tried: 450 metres")
	if gap.Mode != appliance.ModeGuide || !strings.Contains(gap.ResponseText, sayNotThere[english]+" 450.") || !strings.Contains(gap.ResponseText, "_____ metres deep") || strings.Contains(gap.ResponseText, "480") {
		t.Fatalf("%q", gap.ResponseText)
	}
	right := l.say(t, "I think it is 480 m")
	if right.Mode != appliance.ModeAnswer || !strings.Contains(right.ResponseText, sayThere[english]+" 480.") || !strings.Contains(right.ResponseText, sayWellTried[english]) ||
		!strings.Contains(right.ResponseText, "480 metres deep") || right.SuggestedGesture != gesturePraise {
		t.Fatalf("%q", right.ResponseText)
	}
	// It is answered: what is said next is no try at it.
	if next := l.say(t, "What holds the DNA of a cell?"); next.Mode != appliance.ModeGuide || strings.Contains(strings.ToLower(next.ResponseText), "nucleus") {
		t.Errorf("%q", next.ResponseText)
	}
	if asked := l.llama.Asked(); len(asked) > 0 {
		t.Errorf("a model was asked: %v", asked)
	}
}

func TestTheAnswerComesAfterTwoTries(t *testing.T) {
	l := newLesson(t, "")
	l.say(t, kivu)
	if a := l.say(t, "Tell me the answer!"); a.Mode != appliance.ModeGuide || !strings.Contains(a.ResponseText, "(0/2)") || strings.Contains(a.ResponseText, "480") {
		t.Fatalf("%q", a.ResponseText)
	}
	if a := l.say(t, "I don't know"); a.Mode != appliance.ModeGuide || !strings.Contains(a.ResponseText, sayNothingThere[english]) {
		t.Fatalf("%q", a.ResponseText)
	}
	if a := l.say(t, "give me the answer"); a.Mode != appliance.ModeGuide || !strings.Contains(a.ResponseText, "(1/2)") {
		t.Fatalf("%q", a.ResponseText)
	}
	a := l.say(t, "90 metres")
	if a.Mode != appliance.ModeAnswer || !strings.Contains(a.ResponseText, sayReadIt[english]) || !strings.Contains(a.ResponseText, "480 metres deep") {
		t.Fatalf("%q", a.ResponseText)
	}
}

func TestAnotherQuestionIsAnotherTask(t *testing.T) {
	l := newLesson(t, "")
	l.say(t, kivu)
	if a := l.say(t, "What holds the DNA of a cell?"); a.Mode != appliance.ModeGuide || a.Citations[0].SourceTitle != "cell.txt" {
		t.Fatalf("%+v", a)
	}
	a := l.say(t, "I tried: the nucleus")
	if a.Mode != appliance.ModeAnswer || !strings.Contains(a.ResponseText, sayThere[english]+" nucleus.") || a.Citations[0].SourceTitle != "cell.txt" {
		t.Errorf("%q", a.ResponseText)
	}
}

func TestATryAtAReasonIsHeldAgainstIt(t *testing.T) {
	const why = "Why do trees drop their leaves in the dry season?"
	for attempt, good := range map[string]bool{
		"I think they lose too much water through the pores":   true,
		"I tried: because they get cold and birds eat them":    false,
		"Because the leaves do not lose water through pores":   false, // the same words, denied
		"My answer: they are red":                              false,
		"J'ai essayé : they lose much water through the pores": true,
	} {
		l := newLesson(t, "")
		if a := l.say(t, why); a.Mode != appliance.ModeGuide || !strings.Contains(a.ResponseText, askReason[english]) || strings.Contains(a.ResponseText, "pores") {
			t.Fatalf("%q", a.ResponseText)
		}
		if a := l.say(t, attempt); (a.Mode == appliance.ModeAnswer) != good {
			t.Errorf("%s: %q", attempt, a.ResponseText)
		}
	}
}

// The frame is in the persona's language in each of the four.
func TestTheGuideSpeaksFourLanguages(t *testing.T) {
	for language, try := range map[string]string{english: "I tried: 480", french: "J'ai essayé : 480", swahili: "Nimejaribu: 480", kinyarwanda: "Nagerageje: 480"} {
		l := newLesson(t, language)
		a := l.say(t, kivu)
		for _, p := range []phrase{sayLook, askNumber, sayTry} {
			if !strings.Contains(a.ResponseText, p[language]) {
				t.Errorf("%s: %q", language, a.ResponseText)
			}
		}
		if a := l.say(t, try); a.Mode != appliance.ModeAnswer || !strings.Contains(a.ResponseText, sayWellTried[language]) || !strings.Contains(a.ResponseText, "480 metres") {
			t.Errorf("%s: %q", language, a.ResponseText)
		}
	}
}

func TestWhatIsATry(t *testing.T) {
	for said, want := range map[string]string{
		"I tried: 12": "12", "i've tried 3 cm": "3 cm", "My answer is that plants breathe": "plants breathe", "I think it's water": "water",
		"J'ai essayé : douze": "douze", "je pense que c'est le noyau": "le noyau", "Nimejaribu: maji": "maji", "Nadhani ni moyo": "moyo",
		"Nagerageje: amazi": "amazi", "Igisubizo cyanjye ni 12": "12", "the nucleus": "the nucleus", "480": "480", "I don't know": "", "sijui": "", "simbizi": "",
	} {
		if got, ok := attemptIn(said); !ok || got != want {
			t.Errorf("%q: %q, %v", said, got, ok)
		}
	}
	for _, said := range []string{kivu, "What is a cell", "Ni nde wabaye umwami wa mbere?", "Mbona anga ni bluu?", "C'est quoi une cellule ?", "Tell me the answer", "donne-moi la réponse",
		"nipe jibu", "mpa igisubizo", "Is it true that goats fly?", "Explain photosynthesis", "?"} {
		if got, ok := attemptIn(said); ok {
			t.Errorf("%q is taken for a try: %q", said, got)
		}
	}
}

// What is no question of the material is answered as ever: a greeting, what is not
// in it, and what a child in need says.
func TestAGuideIsNoWall(t *testing.T) {
	l := newLesson(t, "")
	l.say(t, kivu)
	for said, mode := range map[string]appliance.Mode{"Hello!": appliance.ModeAnswer, "Who won the battle of Hastings?": appliance.ModeNotFound, "I want to die": appliance.ModeSafety} {
		if a := l.say(t, said); a.Mode != mode {
			t.Errorf("%s: %+v", said, a)
		}
	}
}

func TestAPreviewGuidesToo(t *testing.T) {
	l := newLesson(t, "")
	p, err := l.PersonaFor(t.Context(), appliance.Operator(appliance.DefaultOrg), l.persona)
	if err != nil {
		t.Fatal(err)
	}
	var before []appliance.Turn
	for _, step := range []struct {
		text string
		mode appliance.Mode
	}{{kivu, appliance.ModeGuide}, {"I tried: 7", appliance.ModeGuide}, {"I tried: 8", appliance.ModeAnswer}} {
		a, _, err := l.Preview(t.Context(), appliance.Operator(appliance.DefaultOrg), appliance.Preview{Text: step.text, Persona: p, Before: slices.Clone(before)}, func(appliance.Event) error { return nil })
		if err != nil || a.Mode != step.mode {
			t.Fatalf("%s: %+v, %v", step.text, a, err)
		}
		before = append(before, appliance.Turn{Role: appliance.SpeakerUser, Text: step.text}, appliance.Turn{Role: appliance.SpeakerAssistant, Text: a.ResponseText})
	}
}

func TestGaps(t *testing.T) {
	for _, x := range []struct {
		question, key, want string
		numeric             bool
	}{
		{"How deep is Lake Kivu?", "The lake is 480 metres deep.", "“The lake is _____ metres deep.”", true},
		{"What is 3 % of 200?", "3 % of 200 = 6", "“3 % of 200 = _____”", true},
		{"What holds the DNA of a cell?", "The nucleus of a cell holds the DNA.", "“The _____ of a cell holds the DNA.”", false},
	} {
		if got := gaps(x.question, x.key, x.numeric); got != x.want {
			t.Errorf("%q, want %q", got, x.want)
		}
	}
}

func TestEveryPhraseIsInFourLanguages(t *testing.T) {
	for i, p := range []phrase{sayLook, sayTry, sayOnceMore, sayThere, sayNotThere, sayNothingThere, sayWellTried, sayReadIt, sayGap, askNumber, askRule, askName, askReason, askOrder, askBoth, askWhether, askWords,
		sayDiffer, sayPartNotFound, sayFewer, sayElsewhere, sayPassages, sayNotFound} {
		for _, language := range languagesOfTutor {
			if p[language] == "" {
				t.Errorf("phrase %d lacks %s", i, language)
			}
		}
	}
}
