package auth

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/cards"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// wrongFor is a card of as many pictures that is not this one.
func wrongFor(pictures []string) []string {
	wrong := slices.Clone(pictures)
	slices.Reverse(wrong)
	return wrong
}

// onDevice signs a pupil in on a browser that is new, and returns its device.
func (r *rig) onDevice(t *testing.T, u appliance.User, pictures []string, address string) Device {
	t.Helper()
	tokens, err := r.SignInPupil(t.Context(), "BCD234", u.ID, pictures, "", Device{Address: address})
	if err != nil {
		t.Fatal(err)
	}
	id := r.DeviceID(tokens.Device)
	if id == "" {
		t.Fatal("a sign-in gives no device token")
	}
	return Device{ID: id, Address: address}
}

// Somebody who knows the class code tries every pupil from many addresses, with
// device tokens of their own making: few tries are looked at, and every pupil
// still gets in on any tablet that the class has used.
func TestAClassIsNotLockedFromOutside(t *testing.T) {
	r := newRig(t)
	type pupil struct {
		appliance.User
		pictures []string
		device   Device
	}
	class := make([]pupil, 40)
	for i := range class {
		class[i].User, class[i].pictures = r.pupil(t, fmt.Sprint("pupil ", i))
	}
	for i := range class[:20] { // one tablet for two
		class[i].device = r.onDevice(t, class[i].User, class[i].pictures, "10.0.0.1")
		class[i+20].device = class[i].device
	}
	requests, looked := 400, 0
	if !testing.Short() && !underRace {
		requests = 4000
	}
	for i := range requests {
		target := class[i%40]
		d := Device{Address: fmt.Sprint("10.0.1.", i%200)}
		if i%2 == 0 {
			d.ID, _ = r.newDevice() // a token for which nobody has signed in
		}
		switch _, err := r.SignInPupil(t.Context(), "BCD234", target.ID, wrongFor(target.pictures), "", d); reason(err) {
		case "wrong_sign_in":
			looked++
		case "too_many_attempts", "class_locked":
		default:
			t.Fatal(err)
		}
	}
	if looked > mostClassDay {
		t.Errorf("%d tries of %d were looked at", looked, requests)
	}
	for _, p := range class {
		if _, err := r.SignInPupil(t.Context(), "BCD234", p.ID, p.pictures, "", p.device); err != nil {
			t.Errorf("%s is locked out of a tablet of the class: %v", p.Name, err)
		}
	}
	stranger := Device{Address: "10.0.2.1"}
	if _, err := r.SignInPupil(t.Context(), "BCD234", class[0].ID, class[0].pictures, "", stranger); reason(err) != "class_locked" {
		t.Error("a tablet that the class has not used is let in:", err)
	}
	count, locked, err := r.ClassAttempts(t.Context(), org, r.class.ID)
	if err != nil || !locked || count != mostClassDay {
		t.Error("the teacher does not see it:", count, locked, err)
	}
	if page, err := r.store.Audit(t.Context(), org, appliance.AuditFilter{Action: "class.locked"}); err != nil || page.Total != 1 {
		t.Error("the log does not say it once:", page.Total, err)
	}
	t.Logf("%d requests from outside: %d looked at, 40 of 40 pupils still get in", requests, looked)

	// The teacher lets the class in, while the other goes on.
	if err := r.LetIn(t.Context(), org, r.class.ID); err != nil {
		t.Fatal(err)
	}
	for i := range class {
		for range 10 {
			_, err := r.SignInPupil(t.Context(), "BCD234", class[i].ID, wrongFor(class[i].pictures), "", Device{Address: "10.0.1.7"})
			if code := problem.CodeOf(err); code != problem.Unauthorized && code != problem.TooMany {
				t.Fatal(err)
			}
		}
		if _, err := r.SignInPupil(t.Context(), "BCD234", class[i].ID, class[i].pictures, "", Device{Address: fmt.Sprint("10.0.3.", i)}); err != nil {
			t.Errorf("%s is not let in on a new tablet: %v", class[i].Name, err)
		}
	}
	if _, locked, _ := r.ClassAttempts(t.Context(), org, r.class.ID); locked {
		t.Error("the class is still shown as locked")
	}
	r.pass(letInWindow + time.Second)
	if err := r.LetIn(t.Context(), org, "another class"); problem.CodeOf(err) != problem.NotFound {
		t.Error(err)
	}
}

// A pupil with a card of their own makes as many devices known as they like: all
// of them share one day's tries.
func TestDevicesOfOnePupilShareADay(t *testing.T) {
	r := newRig(t)
	insider, own := r.pupil(t, "insider")
	var others []appliance.User
	var pictures []string
	for i := range 20 {
		u, p := r.pupil(t, fmt.Sprint("other ", i))
		others, pictures = append(others, u), p
	}
	looked := 0
	for i := range 30 {
		d := r.onDevice(t, insider, own, fmt.Sprint("10.0.0.", i))
		for k := range 10 {
			if _, err := r.SignInPupil(t.Context(), "BCD234", others[(i+k)%20].ID, wrongFor(pictures), "", d); reason(err) == "wrong_sign_in" {
				looked++
			}
		}
		r.pass(window + time.Second)
	}
	if looked > mostSharedDay {
		t.Errorf("%d tries of 300 were looked at", looked)
	}
}

// One account: the tries of a day are few, whoever makes them, and a restart
// forgets none of them.
func TestTriesOfADay(t *testing.T) {
	dir := t.TempDir()
	r := reopenRig(t, dir)
	victim, pictures := r.pupil(t, "victim")
	other, otherPictures := r.pupil(t, "other")
	d := r.onDevice(t, victim, pictures, "10.0.0.1")
	looked := 0
	for range 60 {
		for range 8 {
			if _, err := r.SignInPupil(t.Context(), "BCD234", victim.ID, wrongFor(pictures), "", d); reason(err) == "wrong_sign_in" {
				looked++
			}
		}
		r.pass(20 * time.Minute)
	}
	if looked > mostOwnDay {
		t.Errorf("%d tries on the pupil's own tablet were looked at in a day", looked)
	}
	if _, err := r.SignInPupil(t.Context(), "BCD234", other.ID, otherPictures, "", Device{Address: "10.0.0.9"}); err != nil {
		t.Error("another pupil is held up:", err)
	}
	if err := r.store.SaveBoxClock(t.Context(), r.clock.Now()); err != nil {
		t.Fatal(err)
	}
	r.store.Close()
	again := reopenRig(t, dir)
	if _, err := again.SignInPupil(t.Context(), "BCD234", victim.ID, pictures, "", d); reason(err) != "too_many_attempts" {
		t.Error("after a restart:", err)
	}
	again.pass(day)
	if _, err := again.SignInPupil(t.Context(), "BCD234", victim.ID, pictures, "", d); err != nil {
		t.Error("the next day:", err)
	}
}

// Many tries at once are counted like many in a row, before any is looked at.
func TestTriesAtOnce(t *testing.T) {
	r := newRig(t)
	victim, pictures := r.pupil(t, "victim")
	looked := atOnce(195, func(i int) error {
		_, err := r.SignInPupil(context.Background(), "BCD234", victim.ID, wrongFor(pictures), "", Device{Address: fmt.Sprint("10.0.2.", i)})
		return err
	})["wrong_sign_in"]
	if looked > mostAccount {
		t.Errorf("%d of 195 tries at once were looked at", looked)
	}
	t.Logf("195 tries for one account at once: %d looked at", looked)
	victims := make([]appliance.User, 40)
	for i := range victims {
		victims[i], _ = r.pupil(t, fmt.Sprint("victim ", i))
	}
	looked = atOnce(195, func(i int) error {
		_, err := r.SignInPupil(context.Background(), "BCD234", victims[i%40].ID, wrongFor(pictures), "", Device{Address: "10.0.3.1"})
		return err
	})["wrong_sign_in"]
	if looked > mostClassDay {
		t.Errorf("%d of 195 tries at once in a class were looked at", looked)
	}
	t.Logf("195 tries for forty pupils at once: %d looked at", looked)
}

// atOnce calls fn many times at once and counts the reasons of its errors.
func atOnce(n int, fn func(i int) error) map[string]int {
	var group sync.WaitGroup
	var mu sync.Mutex
	reasons := map[string]int{}
	for i := range n {
		group.Go(func() {
			why := reason(fn(i))
			mu.Lock()
			defer mu.Unlock()
			reasons[why]++
		})
	}
	group.Wait()
	return reasons
}

// While passwords are tried in a flood, a pupil signs in as if nothing were.
func TestAPupilDoesNotWaitBehindAFlood(t *testing.T) {
	r := newRig(t)
	r.setUp(t)
	u, pictures := r.pupil(t, "pupil")
	flood := make(chan map[string]int)
	go func() {
		flood <- atOnce(290, func(i int) error {
			_, err := r.SignIn(context.Background(), org, fmt.Sprint("nobody ", i), "seven green hills", Device{Address: fmt.Sprint("10.0.4.", i)})
			return err
		})
	}()
	for r.staff.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	if _, err := r.SignInPupil(t.Context(), "BCD234", u.ID, pictures, "", Device{Address: "10.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	waited := time.Since(began)
	reasons := <-flood
	if reasons["sign_in_busy"] == 0 || reasons["wrong_sign_in"] > 250 {
		t.Error("the queue is not bounded:", reasons)
	}
	if waited > 5*time.Second {
		t.Errorf("the pupil waited %s", waited)
	}
	t.Logf("290 logins at once: %v; a pupil meanwhile: %s", reasons, waited.Round(time.Millisecond))
	// What nobody looked at counts against nobody.
	if _, err := r.SignIn(t.Context(), org, "claudine", "seven green hills", Device{Address: "10.0.4.1"}); err != nil {
		t.Error(err)
	}
}

// New cards have four pictures of sixteen; those printed before still work, and
// a tablet knows how many to ask for.
func TestCardsOfThreeAndFour(t *testing.T) {
	r := newRig(t)
	_, pictures := r.pupil(t, "new")
	if len(cards.Pictures()) != 16 || len(pictures) != 4 || len(slices.Compact(slices.Sorted(slices.Values(pictures)))) != 4 {
		t.Fatal(pictures)
	}
	old := appliance.Credential{Kind: appliance.SignInPictures, Card: "sun moon star"}
	var err error
	if old.Hash, err = r.hash(t.Context(), old.Card, pupilCost); err != nil {
		t.Fatal(err)
	}
	u, err := r.store.AddUser(t.Context(), org, appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: "old",
		Classes: []appliance.ClassRef{{ID: r.class.ID}}}, Credential: old})
	if err != nil {
		t.Fatal(err)
	}
	_, _, pupils, err := r.Class(t.Context(), "BCD234", Device{})
	if err != nil || len(pupils) != 2 || pupils[0].Pictures != 4 || pupils[1].Pictures != 3 {
		t.Errorf("%+v %v", pupils, err)
	}
	if _, err := r.SignInPupil(t.Context(), "BCD234", u.ID, strings.Fields(old.Card), "", Device{}); err != nil {
		t.Error(err)
	}
}

// How long a class holds out, by arithmetic over what the limits let through in a
// day, and by trying on a card of fewer ways.
func TestTriesThatBreakOneOfForty(t *testing.T) {
	ways := 16 * 15 * 14 * 13
	perDay := mostClassDay
	t.Logf("%d ways; %d tries a day from outside: 1 of 40 is broken after %d tries or %d days in the mean", ways, perDay, ways, ways/perDay)
	if ways/perDay < 400 {
		t.Error("a class is broken within two school years")
	}
	// The mean does not depend on how the tries are spread over the pupils.
	random, broken, tries := rand.New(rand.NewPCG(3, 4)), 0, 0
	for range 2000 {
		secret := random.IntN(1320)
		for n := range 1320 {
			if tries++; n == secret {
				broken++
				break
			}
		}
	}
	if mean := float64(tries) / float64(broken); mean < 600 || mean > 720 {
		t.Error(mean)
	}
}

// Who is erased leaves no count and no device behind.
func TestErasedWithTheirAttempts(t *testing.T) {
	r := newRig(t)
	u, pictures := r.pupil(t, "pupil")
	d := r.onDevice(t, u, pictures, "10.0.0.1")
	if _, err := r.SignInPupil(t.Context(), "BCD234", u.ID, wrongFor(pictures), "", Device{Address: "10.0.9.9"}); err == nil {
		t.Fatal("a wrong try was right")
	}
	if _, err := r.store.EraseUser(t.Context(), org, u.ID); err != nil {
		t.Fatal(err)
	}
	a, err := r.store.FailedAttempts(t.Context(), org, "account/"+string(u.ID), r.clock.Now())
	if err != nil || a.Count != 0 {
		t.Error(a, err)
	}
	if own, _, err := r.store.KnownDevice(t.Context(), org, u.ID, "", d.ID); own || err != nil {
		t.Error(own, err)
	}
}
