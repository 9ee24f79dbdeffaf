package proc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// TryMain is the child of [Check]: it tries what its arguments say and writes
// what came of it.
func TryMain(args []string, out io.Writer) {
	enc := json.NewEncoder(out)
	Try(args, func(t Trial) { _ = enc.Encode(t) })
}

// Check runs command, which ends in [TryMain], in the place of a reader of
// documents and of an engine, and returns what they were able to do that they
// should not be, a line each.
func Check(ctx context.Context, command []string) (succeeded []string, err error) {
	dir, err := os.MkdirTemp("", "bwenge-check-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	secret, work := filepath.Join(dir, "secret"), filepath.Join(dir, "work")
	if err := os.WriteFile(secret, []byte("x"), 0o644); err != nil {
		return nil, err
	}
	if err := os.Mkdir(work, 0o700); err != nil {
		return nil, err
	}
	tries := []string{"read=" + secret, "write=" + filepath.Join(dir, "new"), "run=/bin/true",
		"kill=" + strconv.Itoa(os.Getpid()), "ptrace=" + strconv.Itoa(os.Getpid()), "mount=" + work, "privileges="}
	for network, address := range map[string]string{"unix": filepath.Join(dir, "s"), "tcp": "127.0.0.1:0"} {
		ln, err := net.Listen(network, address)
		if err != nil {
			return nil, err
		}
		defer ln.Close()
		what := map[string]string{"unix": "socket=", "tcp": "network="}[network]
		tries = append(tries, what+ln.Addr().String())
	}
	run := func(kind string, box *Sandbox, tries []string) error {
		got, err := check(ctx, command, tries, work, box)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		for _, t := range got {
			if !t.Refused {
				succeeded = append(succeeded, strings.TrimSpace(kind+": "+t.What+" "+t.Detail))
			}
		}
		return nil
	}
	if err := run("engine", &Sandbox{User: prober, Listens: true}, tries); err != nil {
		return nil, err
	}
	tries = append(tries, "processes=1000")
	if !raceDetector {
		tries = append(tries, "memory="+strconv.Itoa(2<<30))
	}
	if err := run("reader", &Sandbox{User: prober}, tries); err != nil {
		return nil, err
	}
	return succeeded, nil
}

func check(ctx context.Context, command, tries []string, work string, box *Sandbox) (got []Trial, err error) {
	var out bytes.Buffer
	said := NewTail(10, 400)
	child, err := Start(ctx, Command{Path: command[0], Args: append(append([]string(nil), command[1:]...), tries...), Dir: work,
		Stdout: &out, Stderr: said, Sandbox: box,
		Limits: Limits{AddressSpace: 5 << 29, Processes: 100}})
	if err != nil {
		return nil, err
	}
	err = child.Wait()
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		var t Trial
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, said.Explain(err)
		}
		got = append(got, t)
	}
	// The last may have ended it, as it should.
	if len(got) < len(tries)-1 {
		return nil, said.Explain(fmt.Errorf("it ended after %d of %d: %w", len(got), len(tries), err))
	}
	return got, nil
}
