package eval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/appliance"
)

// Exam is a line of an answer set. Options, Answer and Gold may be absent; an
// unanswerable question has none of them.
type Exam struct {
	Question   string   `json:"question"`
	Answer     string   `json:"answer"`
	Options    []string `json:"options"`
	Gold       string   `json:"gold"` // file, without extension, that holds the answer
	Answerable bool     `json:"answerable"`
}

// Ask answers one question.
type Ask func(ctx context.Context, question string) (appliance.Answer, error)

// AnswersReport is how the box answers. Correct is the share of answerable
// questions with a known answer that Correct accepts; a refusal is wrong.
// CitationPrecision is the share of citations, in answers to questions whose
// gold file is known, that lead into that file. The times are medians, the
// first token's over the answers that a model wrote.
type AnswersReport struct {
	N                 int      `json:"n"`
	Correct           float64  `json:"correct"`
	CitationPrecision float64  `json:"citation_precision"`
	Cited             float64  `json:"cited"` // share of given answers with at least one citation
	Refused           Refused  `json:"refused"`
	Model             string   `json:"model"`
	Failed            []string `json:"failed,omitempty"` // questions without an answer, which count nowhere
	FirstTokenMS      float64  `json:"first_token_ms"`
	AnswerMS          float64  `json:"answer_ms"`
}

// Refused is the share of questions told "not in your material".
type Refused struct {
	Answerable   float64 `json:"answerable"`
	Unanswerable float64 `json:"unanswerable"`
}

// Answers asks every question and judges what comes back. progress, if not
// nil, is called after each.
func Answers(ctx context.Context, exams []Exam, ask Ask, progress func(done int)) (AnswersReport, error) {
	report := AnswersReport{N: len(exams)}
	var answerable, unanswerable, refusedA, refusedU, judged, correct, citations, precise, given, cited int
	var first, whole []time.Duration
	for i, exam := range exams {
		began := time.Now()
		a, err := ask(ctx, exam.Question)
		if err != nil {
			if ctx.Err() != nil {
				return AnswersReport{}, err
			}
			report.Failed = append(report.Failed, fmt.Sprintf("question %d: %v", i+1, err))
			continue
		}
		whole = append(whole, time.Since(began))
		if a.Model != "" {
			report.Model = a.Model
			first = append(first, time.Duration(a.FirstTokenMS)*time.Millisecond)
		}
		refused := a.Mode == appliance.ModeNotFound
		if !refused {
			given++
			if len(a.Citations) > 0 {
				cited++
			}
		}
		if !exam.Answerable {
			unanswerable++
			if refused {
				refusedU++
			}
		} else {
			answerable++
			if refused {
				refusedA++
			}
			if exam.Answer != "" {
				judged++
				if !refused && exam.Correct(a.ResponseText) {
					correct++
				}
			}
			if exam.Gold != "" {
				for _, c := range a.Citations {
					citations++
					if sameFile(exam.Gold, c.SourceTitle) {
						precise++
					}
				}
			}
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	report.Correct = share(correct, judged)
	report.CitationPrecision = share(precise, citations)
	report.Cited = share(cited, given)
	report.Refused = Refused{share(refusedA, answerable), share(refusedU, unanswerable)}
	report.FirstTokenMS = percentile(first, 0.5)
	report.AnswerMS = percentile(whole, 0.5)
	return report, nil
}

// Correct judges a response against the known answer. With options, the one
// that the response says most of must be the answer. Without, the response must
// hold the answer's words one after the other, or share so many with it that
// the token F1 is at least 0.5. Both are compared in lower case, without
// accents that NFKC folds, punctuation, English and French articles, and the
// plural s of words of four letters or more.
func (e Exam) Correct(response string) bool {
	said := answerWords(response)
	if len(e.Options) > 0 {
		return e.pick(said) == e.Answer
	}
	want := answerWords(e.Answer)
	return holds(said, want) || f1(said, want) >= 0.5
}

// pick returns the option of which the response holds the largest share of
// words, the longest where that is equal, and none if no word of any is said.
func (e Exam) pick(said []string) string {
	best, most, longest := "", 0.0, 0
	for _, option := range e.Options {
		words := answerWords(option)
		n := 0
		for _, w := range words {
			if slices.Contains(said, w) {
				n++
			}
		}
		if n == 0 {
			continue
		}
		s := float64(n) / float64(len(words))
		if holds(said, words) {
			s++
		}
		if s > most || s == most && len(words) > longest {
			best, most, longest = option, s, len(words)
		}
	}
	return best
}

var articles = map[string]bool{"a": true, "an": true, "the": true, "le": true, "la": true, "les": true,
	"l": true, "un": true, "une": true, "des": true}

func answerWords(text string) []string {
	fields := strings.FieldsFunc(strings.ToLower(norm.NFKC.String(text)), func(r rune) bool {
		return !isWordRune(r)
	})
	words := fields[:0]
	for _, w := range fields {
		if articles[w] {
			continue
		}
		if len(w) >= 4 && !strings.HasSuffix(w, "ss") {
			w = strings.TrimSuffix(w, "s")
		}
		words = append(words, w)
	}
	return words
}

// holds reports whether part stands in whole, word after word.
func holds(whole, part []string) bool {
	if len(part) == 0 {
		return false
	}
	for i := 0; i+len(part) <= len(whole); i++ {
		if slices.Equal(whole[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// f1 is the harmonic mean of precision and recall of the words.
func f1(said, want []string) float64 {
	left := map[string]int{}
	for _, w := range want {
		left[w]++
	}
	same := 0
	for _, w := range said {
		if left[w] > 0 {
			left[w]--
			same++
		}
	}
	if same == 0 {
		return 0
	}
	return 2 * float64(same) / float64(len(said)+len(want))
}
