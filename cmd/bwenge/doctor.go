package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/appliance/httpd"
	"github.com/bwenge-os/bwenge/appliance/school/certs"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/catalogue"
)

// finding is one line of the check-up: what is so, and what to do if it is not
// as it should be.
type finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy,omitempty"`
}

func doctorCommand(cfg *box.Config) *cobra.Command {
	var asJSON, accept bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check engines, weights, disk, database and address: what is wrong and what to do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if accept {
				if err := acceptAudit(cmd.Context(), cfg); err != nil {
					return err
				}
			}
			findings := checkUp(cmd.Context(), cfg)
			if err := printFindings(cmd.OutOrStdout(), findings, asJSON); err != nil {
				return err
			}
			for _, f := range findings {
				if !f.OK {
					return exitStatus(1)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as a JSON list")
	cmd.Flags().BoolVar(&accept, "accept-audit", false, "the gaps found in the audit log are explained, such as by a backup that was put back: note that in the log and report them no more")
	return cmd
}

func printFindings(out io.Writer, findings []finding, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(findings)
	}
	for _, f := range findings {
		mark := "ok   "
		if !f.OK {
			mark = "WRONG"
		}
		fmt.Fprintf(out, "%s  %-14s %s\n", mark, f.Check, f.Detail)
		if f.Remedy != "" {
			fmt.Fprintf(out, "       %-14s → %s\n", "", f.Remedy)
		}
	}
	return nil
}

func checkUp(ctx context.Context, cfg *box.Config) []finding {
	findings := []finding{
		checkData(cfg),
		checkDisk(cfg),
		checkDatabase(ctx, cfg),
		checkAudit(ctx, cfg),
		checkAddress(cfg),
		checkName(ctx, cfg),
		checkCertificate(cfg),
		checkIsolation(ctx),
		checkProgram(ctx, "chat engine", filepath.Join(cfg.Engines, "llama-server"), "Run make engines, or install the bwenge package again.", "--version"),
		checkProgram(ctx, "speech engine", box.BesideExecutable("bwenge-whisper"), "Run make build, or install the bwenge package again.", "-h"),
	}
	findings = append(findings, checkWeights(cfg)...)
	return append(findings,
		checkProgram(ctx, "ffmpeg", "ffmpeg", "Recordings and videos cannot be read. Run apt-get install ffmpeg.", "-version"),
		checkTesseract(ctx),
	)
}

func checkData(cfg *box.Config) finding {
	f := finding{Check: "data folder", OK: true, Detail: cfg.Data}
	if _, err := os.Stat(cfg.Data); errors.Is(err, os.ErrNotExist) {
		f.Detail += " (will be made at the first start)"
		return f
	}
	probe, err := os.CreateTemp(cfg.Data, ".doctor-")
	if err != nil {
		f.OK, f.Detail = false, err.Error()
		f.Remedy = "Give the user who runs the box the right to write there, or choose another folder with BWENGE_DATA."
		return f
	}
	probe.Close()
	os.Remove(probe.Name())
	return f
}

// leastFree is the room below which the box takes no more uploads.
const leastFree = 1 << 30

func checkDisk(cfg *box.Config) finding {
	f := finding{Check: "disk", OK: true}
	dir := cfg.Data
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		f.OK, f.Detail = false, err.Error()
		return f
	}
	free := fs.Bavail * uint64(fs.Bsize)
	f.Detail = fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	if free < leastFree {
		f.OK = false
		f.Remedy = "Delete material that nobody needs, or put the data folder on a larger disk."
	}
	return f
}

func checkDatabase(ctx context.Context, cfg *box.Config) finding {
	f := finding{Check: "database", OK: true}
	path := cfg.Path(box.DatabaseFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		f.Detail = "none yet"
		return f
	}
	store, err := openStore(ctx, cfg)
	if err == nil {
		err = errors.Join(store.Check(ctx), store.Close())
	}
	if err != nil {
		f.OK, f.Detail = false, err.Error()
		f.Remedy = "Stop the box and copy the data folder somewhere safe before anything else."
		return f
	}
	f.Detail = "sound"
	return f
}

func openStore(ctx context.Context, cfg *box.Config) (*sqlite.Store, error) {
	key, err := keys.Open(cfg.Path("keys"))
	if err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, cfg.Path(box.DatabaseFile), key)
}

// checkAudit follows the audit logs, line by line.
func checkAudit(ctx context.Context, cfg *box.Config) finding {
	f := finding{Check: "audit log", OK: true}
	if _, err := os.Stat(cfg.Path(box.DatabaseFile)); errors.Is(err, os.ErrNotExist) {
		f.Detail = "none yet"
		return f
	}
	store, err := openStore(ctx, cfg)
	if err != nil {
		f.OK, f.Detail, f.Remedy = false, err.Error(), "See the database above."
		return f
	}
	defer store.Close()
	damage, err := store.CheckAudit(ctx)
	if err != nil {
		f.OK, f.Detail, f.Remedy = false, err.Error(), "See the database above."
		return f
	}
	f.Detail = "every line is as the box wrote it"
	if len(damage) > 0 {
		f.OK = false
		f.Detail = fmt.Sprintf("%d lines are not as the box wrote them; the first: school %s, line %d: %s",
			len(damage), damage[0].Org, damage[0].N, damage[0].What)
		f.Remedy = "Somebody has changed the database past the box, or the disk is failing. Keep a copy of the data folder and tell the owner of the school." +
			" If you have put a backup of the database back yourself, bwenge doctor --accept-audit says so in the log."
	}
	return f
}

func acceptAudit(ctx context.Context, cfg *box.Config) error {
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	_, err = store.AcceptAudit(ctx)
	return errors.Join(err, store.Close())
}

func checkAddress(cfg *box.Config) finding {
	f := finding{Check: "address", OK: true, Detail: cfg.Addr}
	if box.Reachable(box.SocketPath(cfg)) {
		f.Detail += " (a box is running on this data folder)"
		return f
	}
	ln, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		f.OK, f.Detail = false, err.Error()
		f.Remedy = "Stop the program that uses it, or choose another address with BWENGE_ADDR."
		return f
	}
	ln.Close()
	return f
}

// checkName shows by which name tablets find the box that is running.
func checkName(ctx context.Context, cfg *box.Config) finding {
	f := finding{Check: "name", OK: true, Detail: cfg.Name + ".local, when a box is running"}
	if !box.Reachable(box.SocketPath(cfg)) {
		return f
	}
	res, err := box.NewClient(box.SocketPath(cfg)).Do(ctx, "GET", "/health", "", nil)
	if err != nil {
		f.OK, f.Detail = false, err.Error()
		return f
	}
	defer res.Body.Close()
	var health httpd.HealthReport
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&health); err != nil {
		f.OK, f.Detail = false, err.Error()
		return f
	}
	return nameFinding(health.Network)
}

func nameFinding(n httpd.NetworkHealth) finding {
	f := finding{Check: "name", OK: true, Detail: n.Name}
	switch {
	case n.Detail != "":
		f.OK, f.Detail = false, n.Detail
		f.Remedy = "Tablets reach the box by its address alone. Choose another name with BWENGE_NAME, or stop the program that uses UDP port 5353."
	case n.Name == "":
		f.Detail = "found by no name: the box is on no network, or has just started"
	case n.Name != n.Chosen:
		f.Remedy = "Another machine on the network has " + n.Chosen + ". To be sure of a name, choose one of its own with BWENGE_NAME."
	}
	return f
}

// checkCertificate shows what people compare before they trust the box.
func checkCertificate(cfg *box.Config) finding {
	f := finding{Check: "certificate", OK: true}
	switch {
	case cfg.TLSAddr == "":
		f.Detail = "no HTTPS is served"
		return f
	case cfg.TLSCert != "":
		f.Detail = "the school's own: " + cfg.TLSCert
		return f
	}
	text, err := os.ReadFile(cfg.Path("keys", certs.AuthorityFile))
	if errors.Is(err, os.ErrNotExist) {
		f.Detail = "none yet (will be made at the first start)"
		return f
	}
	if err == nil {
		f.Detail, err = certs.FingerprintOf(text)
		f.Detail = "SHA-256 of the box's authority: " + f.Detail
	}
	if err != nil {
		f.OK, f.Detail = false, err.Error()
		f.Remedy = "Put ca.crt and ca.key back from a backup of the data folder. Tablets that trust the box know it by them."
	}
	return f
}

func checkProgram(ctx context.Context, name, program, remedy string, args ...string) finding {
	f := finding{Check: name, OK: true}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		f.OK, f.Remedy = false, remedy
		f.Detail = strings.TrimSpace(fmt.Sprintf("%s: %v %s", program, err, lastLine(out)))
		return f
	}
	f.Detail = program
	return f
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

func checkTesseract(ctx context.Context) finding {
	f := checkProgram(ctx, "tesseract", "tesseract",
		"Scanned pages and pictures cannot be read. Run apt-get install tesseract-ocr tesseract-ocr-osd tesseract-ocr-fra tesseract-ocr-swa.", "--list-langs")
	if !f.OK {
		return f
	}
	out, err := exec.CommandContext(ctx, "tesseract", "--list-langs").CombinedOutput()
	if err != nil {
		return f
	}
	langs := strings.Fields(string(out))
	var missing []string
	for _, want := range []string{"eng", "fra", "swa", "osd"} {
		found := false
		for _, l := range langs {
			found = found || l == want
		}
		if !found {
			missing = append(missing, want)
		}
	}
	if len(missing) > 0 {
		f.OK = false
		f.Detail = "no reading of " + strings.Join(missing, ", ")
		f.Remedy = "Run apt-get install tesseract-ocr-" + strings.Join(missing, " tesseract-ocr-") + "."
	}
	return f
}

func checkWeights(cfg *box.Config) []finding {
	f := finding{Check: "weights", OK: true}
	set := cfg.Weights()
	var names []string
	for _, kind := range []catalogue.Kind{catalogue.KindChat, catalogue.KindSpeech, catalogue.KindEmbedding, catalogue.KindVAD} {
		w, err := catalogue.Locate(cfg.Models, set[kind])
		if err != nil {
			f.OK, f.Detail = false, problem.OneLine(err)
			if e, ok := errors.AsType[*problem.Error](err); ok {
				f.Detail, f.Remedy = e.Message, e.Hint
			}
			return []finding{f}
		}
		names = append(names, w.Name)
	}
	f.Detail = fmt.Sprintf("%s: %s", cfg.Tier, strings.Join(names, ", "))
	speed := finding{Check: "reading speed", OK: true, Detail: "not measured yet: the next start does, or bwenge models choose; until then cores decide about the tier"}
	switch s, ok := cfg.Speed(); {
	case ok && s.Tokens > 0:
		speed.Detail = speedInWords(s)
		if cfg.Tier != string(cfg.Best) {
			speed.Detail += fmt.Sprintf(" It can carry the tier %s: bwenge models pull fetches that.", cfg.Best)
		}
	case ok:
		speed.Detail = "could not be measured in time at the first start; bwenge models choose does it without haste"
	}
	return []finding{f, speed}
}
