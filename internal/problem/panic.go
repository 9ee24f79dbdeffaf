package problem

import (
	"fmt"
	"runtime/debug"
)

// Panic is a bug of ours that a call has met.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v\n%s", p.Value, p.Stack) }

// Try calls f and returns its error, or its panic as a *Panic. What runs on a
// goroutine of its own goes through it: a panic there would end the whole box.
func Try(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Panic{v, debug.Stack()}
		}
	}()
	return f()
}
