package worker

import (
	"testing"
	"time"
)

func TestShortMemoryUnloadsSooner(t *testing.T) {
	if available() <= 0 {
		t.Error("this machine has no memory")
	}
	for usual, want := range map[time.Duration]time.Duration{30 * time.Minute: shortIdle, 0: 0, time.Second: time.Second} {
		if got := idleTime(usual, memoryReserve-1); got != want {
			t.Errorf("%s becomes %s", usual, got)
		}
	}
	if idleTime(time.Hour, memoryReserve) != time.Hour {
		t.Error("there is enough")
	}
}
