package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measureStart starts the program itself on an empty folder: how soon pages
// come, how large the first one is, and how much memory it holds at rest.
func measureStart(ctx context.Context, b *bench) ([]row, error) {
	dir, err := os.MkdirTemp("", "bwenge-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, b.binary, "serve", "--data", dir, "--addr", addr, "--tls-addr", "none", "--tier", b.cfg.Tier)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	page := ""
	for page == "" {
		if time.Since(began) > 30*time.Second {
			return nil, fmt.Errorf("no page within 30 s")
		}
		if text, _, err := getCompressed(ctx, "http://"+addr+"/"); err == nil {
			page = text
		} else {
			time.Sleep(5 * time.Millisecond)
		}
	}
	startup := time.Since(began)
	bytes, err := firstPageBytes(ctx, "http://"+addr, page)
	if err != nil {
		return nil, err
	}
	time.Sleep(2 * time.Second) // at rest
	memory, err := resident(cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	return []row{
		{What: "start to serving pages", Value: startup.Seconds(), Unit: "s", Target: 1, AtMost: true},
		{What: "first page, compressed", Value: float64(bytes) / 1e3, Unit: "kB", Target: 200, AtMost: true},
		{What: "memory of the idle box", Value: float64(memory) / 1e6, Unit: "MB", Target: 80, AtMost: true},
	}, nil
}

var linked = regexp.MustCompile(`(?:src|href)="(/[^"]+\.(?:js|css|svg))"`)

// firstPageBytes is what a browser fetches before it shows anything: the page
// and what it links, as they travel.
func firstPageBytes(ctx context.Context, base, page string) (int, error) {
	_, total, err := getCompressed(ctx, base+"/")
	if err != nil {
		return 0, err
	}
	for _, m := range linked.FindAllStringSubmatch(page, -1) {
		_, n, err := getCompressed(ctx, base+m[1])
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// getCompressed returns a page's text (if it is not compressed) and how many
// bytes travelled.
func getCompressed(ctx context.Context, url string) (text string, bytes int, err error) {
	plain, _, err := fetch(ctx, url, "identity")
	if err != nil {
		return "", 0, err
	}
	_, n, err := fetch(ctx, url, "br, gzip")
	return plain, n, err
}

func fetch(ctx context.Context, url, encoding string) (string, int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Accept-Encoding", encoding) // set by hand, Go leaves the body as it is
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		return "", 0, fmt.Errorf("%s: %s", url, res.Status)
	}
	return string(body), len(body), err
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}

// resident is the memory that a process holds, in bytes (VmRSS).
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("process %d tells no VmRSS", pid)
}

// familyMemory is what this process and its children hold, in bytes. Weights
// that two of them share count twice.
func familyMemory() (int64, error) {
	total, err := resident(os.Getpid())
	if err != nil {
		return 0, err
	}
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		return 0, err
	}
	for _, list := range lists {
		children, err := os.ReadFile(list)
		if err != nil {
			return 0, err
		}
		for _, field := range strings.Fields(string(children)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				return 0, err
			}
			held, err := resident(pid)
			if err != nil {
				return 0, err
			}
			total += held
		}
	}
	return total, nil
}
