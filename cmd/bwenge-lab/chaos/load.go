package chaos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
)

// load keeps the box busy until ctx ends or the box is gone: two uploaders and
// three pupils.
func load(ctx context.Context, a *api, acked *ledger, round int, sound string) {
	var all sync.WaitGroup
	for u := range 2 {
		all.Go(func() {
			for n := 0; n < 2 && ctx.Err() == nil; n++ {
				name := fmt.Sprintf("lesson-%d-%d-%d.txt", round, u, n)
				if s, err := a.upload(ctx, name, lesson(round, u, n)); err == nil {
					acked.source(s)
				}
				wait(ctx, 700*time.Millisecond)
			}
		})
	}
	if sound != "" && round == 1 {
		all.Go(func() {
			content, err := os.ReadFile(sound)
			if err != nil {
				return
			}
			if s, err := a.upload(ctx, filepath.Base(sound), content); err == nil {
				acked.source(s)
			}
		})
	}
	for p := range 3 {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id, text := uuid.NewString(), fmt.Sprintf("How deep is lake number %d of round 0, and who measured it?", (8*p+n)%lakes)
				if p == 2 { // one whose answers are quick, as they are not in the material
					text = fmt.Sprintf("Which song did singer number %d record in Paris?", n)
				}
				_ = a.ask(ctx, id, text, func(e appliance.Event) { acked.event(id, text, e) })
				wait(ctx, 100*time.Millisecond)
			}
		})
	}
	all.Wait()
}

// lakes is how many a lesson describes.
const lakes = 25

// lesson is a text of some pages that no other call makes.
func lesson(round, uploader, n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Lakes, lesson %d-%d-%d\n\n", round, uploader, n)
	for i := range lakes {
		fmt.Fprintf(&b, "Lake number %d of round %d is %d metres deep. Fishermen of village %d measured it with a rope and a stone. "+
			"They wrote the figure into the book of uploader %d, on line %d, so that it would not be forgotten.\n\n",
			i, round, 10+7*i+round, 100*round+i, uploader, n)
	}
	return []byte(b.String())
}
