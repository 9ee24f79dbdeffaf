package extract

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/proc"
)

// box makes a data folder with everything that a hostile document would want,
// and returns what its child should try for it.
func box(t *testing.T) (work string, tries, more []string) {
	data := t.TempDir()
	for name, text := range map[string]string{"keys/box.key": "k", "bwenge.db": "d", "jobs/2/original": "another's", "jobs/1/original": "mine"} {
		path := filepath.Join(data, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		// Readable by all: it is not the file's mode that should refuse.
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(data, name) }
	socket, err := net.Listen("unix", at("box.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	if err := os.Chmod(at("box.sock"), 0o777); err != nil {
		t.Fatal(err)
	}
	lan, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lan.Close() })
	tries = []string{"read=" + at("keys/box.key"), "read=" + at("bwenge.db"), "socket=" + at("box.sock"),
		"network=" + lan.Addr().String(), "processes=1000", "memory=" + strconv.Itoa(2<<30)}
	more = []string{"read=" + at("jobs/2/original"), "read=" + at("jobs/1/original"), "read=/etc/passwd", "write=" + at("bwenge.db"), "write=" + at("jobs/1/new"),
		"write=" + filepath.Join(cacheDir, "planted"), "run=/bin/sh", "kill=" + strconv.Itoa(os.Getpid()),
		"ptrace=" + strconv.Itoa(os.Getpid()), "mount=" + data, "privileges="}
	return at("jobs/1"), tries, more
}

func trials(t *testing.T, sections []string) (all []proc.Trial) {
	for _, s := range sections {
		var trial proc.Trial
		if err := json.Unmarshal([]byte(s), &trial); err != nil {
			t.Fatal(err)
		}
		all = append(all, trial)
	}
	return all
}

func collect(texts *[]string) func(appliance.Section, Progress) error {
	return func(s appliance.Section, _ Progress) error {
		*texts = append(*texts, s.Text)
		return nil
	}
}

// TestHostileReaderIsRefused puts a program that tries to get at the box in the
// parser's place.
func TestHostileReaderIsRefused(t *testing.T) {
	work, tries, more := box(t)
	if proc.Landlock() == 0 {
		t.Log("this kernel has no Landlock: users and seccomp have to do")
	}
	// A child that nothing confines succeeds in the first four.
	bare, err := exec.Command(os.Args[0], append(append([]string{actorArg, "hostile"}, tries[:4]...), "-cpu")...).Output()
	if err != nil || strings.Contains(string(bare), `refused\":true`) {
		t.Fatalf("the test shows nothing: %v, %s", err, bare)
	}
	total := 0
	for _, set := range [][]string{more, tries[:5], tries[5:]} { // the last of a set may end the child
		r := actor("hostile", set...)
		r.CacheDir = cacheDir
		var said []string
		_, err := r.Read(t.Context(), filepath.Join(work, "original"), work, nil, collect(&said))
		got := trials(t, said)
		refused := 0
		for i, arg := range set {
			switch {
			case i < len(got) && got[i].Refused:
				refused++
				t.Logf("%s: %s", arg, got[i].Detail)
			case i == len(got) && i == len(set)-1 && err != nil:
				refused++
				t.Logf("%s: %v", arg, err)
			default:
				t.Errorf("%s was not refused; it ended with %v", arg, err)
			}
		}
		if len(set) == len(more) {
			t.Logf("refused %d of %d other things", refused, len(more))
		} else {
			total += refused
		}
	}
	t.Logf("refused %d of %d", total, len(tries))
}
