package models

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// background starts a unit and reports when it gets its turn.
func background(t *testing.T, c *Cores) <-chan func() {
	t.Helper()
	turn := make(chan func(), 1)
	go func() {
		done, err := c.Background(t.Context())
		if err != nil {
			t.Error(err)
		}
		turn <- done
	}()
	return turn
}

func waiting(t *testing.T, turn <-chan func()) {
	t.Helper()
	synctest.Wait()
	select {
	case <-turn:
		t.Fatal("the background unit ran, want it to wait")
	default:
	}
}

func running(t *testing.T, turn <-chan func()) (done func()) {
	t.Helper()
	synctest.Wait()
	select {
	case done = <-turn:
		return done
	default:
		t.Fatal("the background unit waits, want it to run")
		return nil
	}
}

func TestBackgroundWaitsForLiveWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCores(1, time.Minute)
		first, second := c.Live(), c.Live()
		turn := background(t, c)
		waiting(t, turn)
		first()
		first() // twice is once
		waiting(t, turn)
		second()
		running(t, turn)()
	})
}

func TestBackgroundIsNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCores(1, time.Minute)
		defer c.Live()()
		turn := background(t, c)
		time.Sleep(time.Minute - time.Second)
		waiting(t, turn)
		time.Sleep(time.Second)
		running(t, turn)()
	})
}

func TestBackgroundTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCores(1, time.Minute)
		done := running(t, background(t, c))
		turn := background(t, c)
		waiting(t, turn)
		done()
		running(t, turn)()
	})
}

func TestBackgroundGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCores(1, time.Minute)
		live := c.Live()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Background(ctx); err != context.Canceled {
			t.Fatalf("got %v, want context.Canceled", err)
		}
		live()
		running(t, background(t, c))() // the turn was given back
	})
}

func TestCoresQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCores(1, time.Minute)
		time.Sleep(3 * time.Second)
		if q := c.Quiet(); q != 3*time.Second {
			t.Error("quiet from the beginning for", q)
		}
		one, two := c.Live(), c.Live()
		time.Sleep(time.Second)
		one()
		if q := c.Quiet(); q != 0 {
			t.Error("somebody waits, quiet for", q)
		}
		two()
		time.Sleep(2 * time.Second)
		if q := c.Quiet(); q != 2*time.Second {
			t.Error("quiet for", q)
		}
	})
}
