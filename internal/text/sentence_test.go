package text

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Each case is written with a stroke where it has to be cut.
func TestSentencesAreNotTorn(t *testing.T) {
	for _, s := range []string{
		// items of lists
		"1. Fill it.",
		"2. Fill it.|Then close the lid.",
		"1. This kills the leaf.|2. The stem dries.|3. It falls.",
		"Steps: 1. Fill the jar.|2. Pour the water.|3. Wait.",
		"Do so: 1. Fill the jar 2. Pour the water 3. Wait",
		"(1) Fill it.|(2) Pour it.",
		"1) Fill it.|2) Pour it.",
		"a. Fill it.|b. Pour it.|c. Wait.",
		"a) Fill it.|b) Pour it.",
		"i. Fill it.|ii. Pour it.|iv. Wait.",
		"• 2. Fill it.",
		"- Fill it.|\n- Pour it.",
		"3.1. Fill it.|3.2. Pour it.",
		"2.\nFill it.|\n3.\nPour it.",
		"10. Wash it with soap.|Dry it.",
		"1. 2. 3. Empty lines",
		"Étape 2. Verser l'eau.|Étape 3. Attendre.",
		"Hatua ya kwanza.|Hatua 2. Mimina maji.",
		"Intambwe 2. Suka amazi.",
		"Step 3. Stir.|Step 4. Wait.",
		"Figure 1.2. The heart.|It beats.",
		"We are in step 3.|The next one is long.",
		"He was born in 1990.|12 years later he left.",
		"Il y en a : 1. Le sol.|2. L'eau.",
		// abbreviations and initials
		"Dr. A. Kalibata lives here.|They work.",
		"See Fig. 3 and Fig. B for more.|It shows a leaf.",
		"The fig. A ripe one is soft.",
		"No. 5 is right.|No.|The other one.",
		"He said no.|Then he went.",
		"Read p. 12 and pp. 14-15.|Then write.",
		"M. Dupont parle à Mme. Mukamana.|Elle rit.",
		"The rope is 5 m.|The pole is 3 m.|Both are long.",
		"At 5 p.m. in Kigali it rains.|It stops at 6 p.m.|The sun comes.",
		"At 9 a.m. Monday they met.|All came.",
		"It weighs approx. 5 kg, i.e. much.|Carry it.",
		"Use soft fruit, e.g. Mangoes or bananas.|Wash them.",
		"Cows, goats, etc. are kept.|Hens, ducks, etc.|They eat grain.",
		"J. K. Rowling wrote it.|It is long.",
		"Oranges hold vitamin C.|Oranges are round.",
		"Solve it for x.|Then draw it.",
		"He lives in the U.S.|The country is big.",
		"The U.S. Army came.|It left.",
		"En 52 av. J.-C. les Romains gagnent.|Ils restent.",
		"Mlle. Uwase et Dr. Habimana, p. ex. à Huye, enseignent.",
		"Voir chap. 4, art. 12 et vol. II.|C'est tout.",
		"Bw. Juma na Bi. Asha walifika.|Walikula.",
		"Kuna ng'ombe, mbuzi, n.k.|Wanakula majani.",
		"Matunda, k.m. Maembe, ni mazuri.|Kula.",
		"Dkt. Mwinyi na Prof. Assad walisema.|Kweli.",
		"Hari imbuto, urug. Imyembe, nyinshi.|Turye.",
		"Mr. Smith and Mrs. Jones met St. Mary.|All sang.",
		"Smith et al. Found it.",
		"On 3 Sept. 1962 and on Dec. 5 it rained.|It was cold.",
		"Dutch East Co. Ltd.|The firm sold tea.",
		// numbers, times, addresses
		"It is 3.5 m long, see 2.1.4 there.|It is old.",
		"See section 2.1.4.|Then go on.",
		"It opens at 8.30 a.m. and closes at 17.00.|Come early.",
		"Look at https://www.example.org/a.b?c=D.E for more.|Then write.",
		"Write to a.b@example.org.|We read it.",
		"Only 2.5 % is fresh.|The rest is salty.",
		// ellipses and quotations
		"Count 2, 4, 6, ... 20 and stop.|Go on.",
		"Count 2, 4, … 20 and stop.|Go on.",
		"Well… it rains.|Yes…|No.",
		"He waited... and waited.|Then he left...|She came.",
		"« Va ! » dit-il.|Il part.",
		"Il crie : « Va ! »|Elle part.",
		"He said “Go.”|They went.",
		"Is it so?!|Yes!|No.",
		"It is so [1].|And so. [2]|Yes",
		"这是一。|二在这里。",
	} {
		var want []string
		for part := range strings.SplitSeq(s, "|") {
			if part = strings.TrimSpace(part); part != "" {
				want = append(want, part)
			}
		}
		whole := strings.ReplaceAll(strings.TrimSuffix(s, "|"), "|", " ")
		if got := Sentences(whole); !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", whole, got, want)
		}
	}
}

func FuzzSentences(f *testing.F) {
	f.Add("1. This. 2. 3. 4.\n2.\nDr. A. B. said « Va ! » at 5 p.m. Monday… 3")
	f.Fuzz(func(t *testing.T, s string) {
		rest := s
		for _, part := range Sentences(s) {
			i := strings.Index(rest, part)
			if i < 0 || strings.TrimSpace(rest[:i]) != "" || part == "" {
				t.Fatalf("%q is not what comes next in %q", part, rest)
			}
			rest = rest[i+len(part):]
		}
		if strings.TrimSpace(rest) != "" {
			t.Fatalf("%q is left of %q", rest, s)
		}
	})
}

func TestSentencesOfHugeLinesTakeNoLonger(t *testing.T) {
	began := time.Now()
	for _, s := range []string{"A. ", "1. ", "Dr. ", "p. 1 ", "e.g. X ", "a) b. ", "… 3 "} {
		Sentences(strings.Repeat(s, 30_000))
	}
	if took := time.Since(began); took > 30*time.Second { // thirty times what it takes; a square would take minutes
		t.Error(took)
	}
}
