package material

import (
	"context"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

// MarkWrong marks a passage of a source as wrong, so that it is in no search and
// no answer, or takes that back.
func (s *Service) MarkWrong(ctx context.Context, p appliance.Principal, id string, passage int64, wrong bool) (appliance.Chunk, error) {
	if _, err := s.changeable(ctx, p, id); err != nil {
		return appliance.Chunk{}, err
	}
	action := "source.marked_wrong"
	if !wrong {
		action = "source.unmarked_wrong"
	}
	return s.store.MarkWrong(ctx, p.Org, p.User, id, passage, wrong, p.Did(action, "").With("passage", passage))
}

// passagesMost is how many of a source's passages are looked at for one page of
// its text.
const passagesMost = 10_000

// Passages are those that stand on a page of a source's text.
func (s *Service) Passages(ctx context.Context, p appliance.Principal, id string, number int) ([]appliance.Chunk, error) {
	page, _, err := s.TextPage(ctx, p, id, number)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, section := range page.Sections {
		b.WriteString(section.Heading + "\n" + section.Text + "\n")
		if section.Table != nil {
			b.WriteString(strings.Join(section.Table.Lines(), "\n") + "\n")
		}
	}
	whole := plain(b.String())
	list := []appliance.Chunk{}
	for from := 0; from < passagesMost; {
		some, err := s.store.AllChunks(ctx, p.Org, p.Scope, id, false, from, 100)
		if err != nil || len(some.Items) == 0 {
			return list, err
		}
		for _, c := range some.Items {
			if near(c.Place, page.Place) && strings.Contains(whole, begin(plain(c.Text))) {
				list = append(list, c)
			}
		}
		from = some.Items[len(some.Items)-1].Seq + 1
	}
	return list, nil
}

// near reports whether a passage may stand on a page, by their places.
func near(passage, page appliance.Place) bool {
	return passage.Page == page.Page && passage.Slide == page.Slide && passage.Sheet == page.Sheet && passage.Article == page.Article
}

func plain(s string) string { return strings.Join(strings.Fields(text.Fold(s)), " ") }

// begin is enough of a passage to find it by.
func begin(s string) string {
	letters := []rune(s)
	return string(letters[:min(len(letters), 40)])
}
