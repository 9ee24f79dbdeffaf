package tutor

import (
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

func poolFor(question string, texts ...string) (*pool, query, []pick) {
	f := appliance.Finding{Language: languageOf(question), Terms: terms(question, languageOf(question)), Weights: text.Weights{Rare: 5}}
	p := poolOf(f, passages(texts...))
	q := queriesOf(question, f, nil)[0]
	return p, q, p.rank(q.terms, q.kind, q.text)
}

func TestProof(t *testing.T) {
	texts := []string{
		"Lake Kivu lies between Rwanda and Congo. The lake is 480 metres deep. Its water holds 12,000 tonnes of salt.",
		"Malaria is not caused by cold rain or by eating mangoes. It is caused by a parasite called Plasmodium. Only 2.5 % of the tests are wrong.",
		"Warm air rises because it is lighter than cold air. Cold air can hold less vapour than warm air.",
	}
	for _, test := range []struct {
		question, said string
		want           bool
	}{
		{"How deep is Lake Kivu?", "Lake Kivu is 480 metres deep.", true},
		{"How deep is Lake Kivu?", "It is 480 m deep.", true},
		{"How deep is Lake Kivu?", "Lake Kivu is 485 metres deep.", false}, // another number
		{"How deep is Lake Kivu?", "Lake Kivu is 480 km deep.", false},     // another unit
		{"How deep is Lake Kivu?", "The lake is deep.", false},             // no number
		{"How much salt does the lake hold?", "Its water holds 12 000 tonnes of salt.", true},
		{"How much salt does the lake hold?", "Its water holds 12 tonnes of salt.", false},
		{"How many tests are wrong?", "Only 2,5 percent of the tests are wrong.", true},
		{"How many tests are wrong?", "Only 25 % of the tests are wrong.", false},
		{"Between which countries does Lake Kivu lie?", "It lies between Rwanda and Congo.", true},
		{"Between which countries does Lake Kivu lie?", "It lies between Rwanda and Tanzania.", false}, // another name
		{"Where did Tesla live?", "Tesla lived in Rwanda.", false},
		{"What causes malaria?", "Malaria is caused by eating mangoes.", false}, // a negation less
		{"What causes malaria?", "Malaria is not caused by eating mangoes.", true},
		{"What causes malaria?", "It is caused by a parasite called Plasmodium.", true},
		{"What causes malaria?", "It is not caused by a parasite.", false}, // a negation more
		{"Why does warm air rise?", "Warm air rises because it is heavier than cold air.", false},
		{"Why does warm air rise?", "Warm air rises because it is lighter than cold air.", true},
		{"What holds vapour?", "Cold air can hold more vapour than warm air.", false}, // the opposite
		{"How deep is Lake Kivu?", "print(480)", false},
		{"How deep is Lake Kivu?", "Lake Kivu is 480 metres deep, see www.kivu.rw or mail kivu@lake.rw.", false},
		{"How deep is Lake Kivu?", "How deep is Lake Kivu?", false},
	} {
		p, q, ranked := poolFor(test.question, texts...)
		if _, got := p.prove(test.said, q, ranked); got != test.want {
			t.Errorf("%q, %q: %v, want %v", test.question, test.said, got, test.want)
		}
	}
}

// No word of the prompt's examples may come out as an answer to other texts.
func TestExamplesAreNeverProven(t *testing.T) {
	var said []string
	for _, turn := range slices.Concat(examples, explanations) {
		if turn.Role == "assistant" {
			said = append(said, sentences(turn.Content)...)
		}
	}
	texts := []string{"The heart pumps blood through the body about seventy times a minute.", "A lever turns around a fixed point that is called the fulcrum.",
		"In Kigali water boils at about 95 degrees, because the air pressure is lower there.", "The cooperative sells baskets to a shop in Musanze."}
	for _, question := range strings.Split("Where did Tesla live?|How deep is it?|Which part holds it?|What is it called?|Why is it so?|What does the heart do?|"+
		"Comment appelle-t-on ce passage ?|Who sells baskets?|When does water boil?|Where is the market?", "|") {
		p, q, ranked := poolFor(question, texts...)
		for _, s := range said {
			if _, ok := p.prove(s, q, ranked); ok {
				t.Errorf("%q: %q is proven", question, s)
			}
		}
	}
}

func TestSentencesAreSaidWhole(t *testing.T) {
	const text = "Kivu [1] is 480.5 m deep [2][3]. It has 1. Fish and 2. Gas, e.g. methane. Dr. Rose says so. A last one without end"
	want := []string{"Kivu is 480.5 m deep.", "It has 1. Fish and 2. Gas, e.g. methane.", "Dr. Rose says so.", "A last one without end"}
	for size := 1; size < len(text); size++ {
		var said []string
		s := sentencewise{say: func(x string) bool { said = append(said, x); return true }}
		for i := 0; i < len(text); i += size {
			s.write(text[i:min(i+size, len(text))])
		}
		s.flush(false)
		if !slices.Equal(said, want) {
			t.Fatalf("in pieces of %d: %q", size, said)
		}
	}
	var said []string
	s := sentencewise{say: func(x string) bool { said = append(said, x); return len(said) < 2 }}
	s.write(text)
	s.flush(false)
	if len(said) != 2 {
		t.Errorf("after a refusal: %q", said)
	}
}

func TestKinds(t *testing.T) {
	for question, want := range map[string]kind{
		"What colour is the sky at noon?":                       wantsFact,
		"Who built the first bridge?":                           wantsPerson,
		"How many legs does a spider have?":                     wantsNumber,
		"Combien de pattes a une araignée ?":                    wantsNumber,
		"why do leaves turn yellow":                             wantsReason,
		"Kwa nini majani huwa ya manjano?":                      wantsReason,
		"Kuki amababi ahinduka umuhondo?":                       wantsReason,
		"What is osmosis?":                                      wantsMeaning,
		"C'est quoi une éclipse ?":                              wantsMeaning,
		"What is the difference between a frog and a toad?":     wantsContrast,
		"Bats are blind, right?":                                wantsVerdict,
		"Is the moon a planet?":                                 wantsVerdict,
		"La lune est une étoile, n'est-ce pas ?":                wantsVerdict,
		"Can you make me a summary of chapter 3?":               wantsSummary,
		"Fais-moi un résumé de l'unité 2":                       wantsSummary,
		"Give me a question about volcanoes":                    wantsPractice,
		"please help me with my maths homework":                 wantsHelp,
		"I did not understand, can you explain it more simply?": wantsAgain,
		"Can you say that in English?":                          wantsLanguage,
		"Comment fait-on du savon ?":                            wantsWay,
		"I don't understand why leaves are green":               wantsReason,
		"I don't understand.":                                   wantsAgain,
		"When did school resume after the war?":                 wantsFact,
		"Why do doctors make a blood test?":                     wantsReason,
		"What is different, bread or cake?":                     wantsContrast,
	} {
		if got := kindOf(question); got != want {
			t.Errorf("%q wants %s, want %s", question, got, want)
		}
	}
}

func TestSayings(t *testing.T) {
	texts := []string{
		"A lever is a stiff bar that turns around a fixed point. The fixed point is called the fulcrum. The weight that we move is the load.",
		"2. Condensation. High up the air is cold. The vapour turns back into tiny drops, and the drops form clouds.",
		"In a real machine some work is lost because parts rub against each other. This is friction. That is why no machine has an efficiency of 100 %.",
		"Unlike rain water, well water is hard. Rain water is soft because it has met no rock.",
	}
	for question, want := range map[string]string{
		"What is the fixed point of a lever called?":                "the fulcrum",
		"What is condensation?":                                     "The vapour turns back into tiny drops",
		"Why has no machine an efficiency of 100 %?":                "parts rub against each other",
		"What is the difference between rain water and well water?": "well water is hard",
	} {
		p, q, _ := poolFor(question, texts...)
		var said []string
		for _, s := range p.sayings([]query{q}) {
			said = append(said, s.text)
		}
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("%q: %q, want %q in it", question, said, want)
		}
	}
}

func TestVerdicts(t *testing.T) {
	texts := []string{"Malaria is not caused by eating mangoes.", "A whale is a mammal that lives in the sea.", "Cold air can hold less vapour than warm air.",
		"Cholera is spread by dirty water, not by bad air.", "The heart is a muscle that never rests."}
	for question, want := range map[string]int{
		"Malaria is caused by eating mangoes, right?":       -1,
		"A whale is a mammal, isn't it?":                    1,
		"A whale is a fish, isn't it?":                      0,
		"Cold air can hold more vapour than warm air, yes?": 0,
		"Cholera is spread by dirty water, right?":          0,
		"The heart is a muscle, isn't it?":                  0,
	} {
		p, q, ranked := poolFor(question, texts...)
		if got := p.verdict(q.text, ranked[0]); got != want {
			t.Errorf("%q: %d, want %d", question, got, want)
		}
	}
}

func TestItemsOfTheAnswerBefore(t *testing.T) {
	answer := "The stages: [1]\n1. Evaporation. Water becomes vapour.\n2. Condensation. Vapour becomes drops.\n3. Rain. The drops fall."
	for question, want := range map[string]string{
		"And what happens in the second one?": "Condensation. Vapour becomes drops.",
		"What is the last step?":              "Rain. The drops fall.",
		"Et la première ?":                    "Evaporation. Water becomes vapour.",
		"What about the sixth one?":           "",
		"What is a second?":                   "",
	} {
		if got := itemOf(question, answer); got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
}

func TestManyQuestionsInOneAreBounded(t *testing.T) {
	question := strings.Repeat("Why is the lake deep? How many fish are there? ", 100)
	f := appliance.Finding{Language: english, Terms: terms(question, english), Weights: text.Weights{Rare: 5}}
	if n := len(queriesOf(question, f, nil)); n > maxParts {
		t.Errorf("%d parts", n)
	}
}

func TestSignsMakeAnotherQuestion(t *testing.T) {
	b := newBox(t, "")
	who := appliance.Operator(appliance.DefaultOrg)
	plus, _ := b.keyOfAnswer(who, appliance.Persona{}, "What is 3 + 4?")
	minus, _ := b.keyOfAnswer(who, appliance.Persona{}, "What is 3 - 4?")
	if plus == minus {
		t.Error("3 + 4 has the answer of 3 - 4")
	}
}
