package auth

import "time"

// Clock is the box clock. It starts from the machine's at the first boot and
// from then on counts only the time that the box runs, by the monotonic clock:
// no correction, empty battery or tampering moves it. It stands still while the
// box is off, so sessions last that much longer, which does no harm.
type Clock struct {
	base  time.Time
	start time.Time            // with a monotonic reading
	since func() time.Duration // replaced in tests
}

// NewClock goes on from where the clock was last saved; a zero time is the first
// boot.
func NewClock(saved time.Time) *Clock {
	c := &Clock{base: saved, start: time.Now()}
	if saved.IsZero() {
		c.base = c.start.Round(0)
	}
	c.since = func() time.Duration { return time.Since(c.start) }
	return c
}

// Now is the box's time.
func (c *Clock) Now() time.Time { return c.base.Add(c.since()).UTC() }
