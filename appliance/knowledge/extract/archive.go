package extract

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/zimfile"
	"github.com/bwenge-os/bwenge/internal/proc"
)

// An archive (ZIM) may be as large as the disk and its original is sealed, so
// the child that reads one gets no file. It asks for pieces through a pipe, and
// this side reads and unseals them as they are asked for: nothing is copied.

// archiveMessage is what a child says of an archive.
type archiveMessage struct {
	Archive appliance.Archive       `json:"archive"`
	Sample  appliance.ArchiveSample `json:"sample"`
}

// sane reports whether a child keeps to what it may say.
func (m *archiveMessage) sane() bool {
	a := m.Archive
	for _, n := range []int{a.Entries, a.Articles, a.Redirects, a.Pictures, a.Media, a.Others, a.Broken, a.CategoryCount,
		m.Sample.Articles, m.Sample.Selected} {
		if n < 0 || n > zimfile.MaxEntries {
			return false
		}
	}
	return len(a.Categories) <= maxCategories && m.Sample.Text >= 0 && m.Sample.Seconds >= 0
}

// IsArchive reports whether a file is a ZIM by its first bytes.
func IsArchive(r io.ReaderAt) bool {
	head := make([]byte, len(zimfile.Magic))
	_, err := r.ReadAt(head, 0)
	return err == nil && string(head) == string(zimfile.Magic)
}

// ArchiveJob is an archive to read. The child works in WorkDir.
type ArchiveJob struct {
	File    io.ReaderAt
	Size    int64
	WorkDir string
	Select  appliance.ArchiveSelection
	From    int // the first article to read, from 1
}

// Survey says what an archive holds and samples the articles that are selected.
func (r *Reader) Survey(ctx context.Context, a ArchiveJob) (appliance.Archive, appliance.ArchiveSample, []appliance.Notice, error) {
	run, err := r.archive(ctx, a, zimQuery{Survey: true, Select: a.Select}, nil, nil)
	if err == nil && run.archived == nil {
		err = fault.ReaderFailed(errors.New("the reader said nothing of the archive"))
	}
	if err != nil {
		return appliance.Archive{}, appliance.ArchiveSample{}, nil, err
	}
	return run.archived.Archive, run.archived.Sample, run.result.Notices, nil
}

// ReadArchive reads the selected articles of an archive from one on; onSection
// is called for their sections in order, and Progress counts articles. It is
// otherwise as Read.
func (r *Reader) ReadArchive(ctx context.Context, a ArchiveJob, onInfo func(Info),
	onSection func(appliance.Section, Progress) error) (Result, error) {

	lost := 0
	for from := max(a.From, 1); ; {
		a.From = from
		run, err := r.archive(ctx, a, zimQuery{Select: a.Select}, onInfo, onSection)
		crash, ok := errors.AsType[*crashError](err)
		if err == nil && lost > 0 {
			run.result.Notices = append(run.result.Notices, fault.NoticeArticlesUnreadable(lost, run.result.Pages))
		}
		if !ok {
			return run.result, err
		}
		// It goes on behind the article that was too much.
		if run.page < from || lost == maxRestarts {
			return run.result, crash.problem
		}
		lost++
		from = run.page + 1
	}
}

// archive runs one child over an archive.
func (r *Reader) archive(ctx context.Context, a ArchiveJob, q zimQuery, onInfo func(Info),
	onSection func(appliance.Section, Progress) error) (*reading, error) {

	limits := r.Limits.orDefault()
	limits.Text = 1 << 40 // the disk bounds it, and the teacher was told
	ctx, cancelWall := context.WithTimeoutCause(ctx, limits.Wall, fault.TooSlow(errors.New("wall clock")))
	defer cancelWall()
	run := &reading{reader: r, limits: limits, onInfo: onInfo, onSection: onSection}
	own, err := filepath.Abs(filepath.Join(a.WorkDir, keptDir))
	if err == nil {
		err = os.MkdirAll(own, 0o700)
	}
	if err != nil {
		return run, err
	}
	query, err := json.Marshal(q)
	if err != nil {
		return run, err
	}
	argv, err := run.argv(a.Size, a.From, nil)
	if err != nil {
		return run, err
	}
	argv = append(argv[:len(argv)-1], "-archive", string(query), "-size", strconv.FormatInt(a.Size, 10), "-")

	var pipes pipes
	defer pipes.close()
	out, in := pipes.make()
	asked, asks := pipes.make()
	answered, answers := pipes.make()
	if pipes.err != nil {
		return run, pipes.err
	}
	said := proc.NewTail(40, 400)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	child, err := proc.Start(ctx, proc.Command{
		Path: argv[0], Args: argv[1:], Dir: own, Stdout: in, Stderr: said, Extra: []*os.File{asks, answered},
		Priority: proc.Low, Limits: limits.ofChild(a.Size), Sandbox: r.sandbox(),
	})
	for _, f := range []*os.File{in, asks, answered} {
		f.Close() // the child has its own copies
	}
	if err != nil {
		return run, fmt.Errorf("extract: start the reader: %w", err)
	}
	var serving sync.WaitGroup
	var serveErr error
	serving.Go(func() { serveErr = serveFile(asked, answers, a.File, a.Size) })
	err = run.end(ctx, cancel, child, said, run.listen(out, child))
	asked.Close()
	answers.Close()
	serving.Wait()
	if serveErr != nil && err != nil { // ours, not the archive's
		err = errors.Join(serveErr, err)
	}
	return run, err
}

// pipes are closed together; each end may be closed before.
type pipes struct {
	ends []*os.File
	err  error
}

func (p *pipes) make() (r, w *os.File) {
	r, w, err := os.Pipe()
	p.err = errors.Join(p.err, err)
	if err == nil {
		p.ends = append(p.ends, r, w)
	}
	return r, w
}

func (p *pipes) close() {
	for _, f := range p.ends {
		f.Close()
	}
}

// A child asks for a piece by its place and length, 8 and 4 bytes, and is
// answered with the length that follows, 4 bytes. A length of noPiece is an
// error.
const (
	maxPiece = 1 << 20
	noPiece  = 1<<32 - 1
)

// serveFile answers a child until it has gone. An error is one of reading the
// file.
func serveFile(asked io.Reader, answers io.Writer, file io.ReaderAt, size int64) error {
	ask := make([]byte, 12)
	buf := make([]byte, 4, 4+zimfile.CacheBlock)
	for {
		if _, err := io.ReadFull(asked, ask); err != nil {
			return nil
		}
		off, n := binary.LittleEndian.Uint64(ask), binary.LittleEndian.Uint32(ask[8:])
		if off > uint64(size) || n > maxPiece {
			return nil // it talks nonsense, and will wait in vain
		}
		n = uint32(min(int64(n), size-int64(off)))
		buf = append(buf[:4], make([]byte, n)...)
		got, err := file.ReadAt(buf[4:], int64(off))
		if err != nil && got < int(n) {
			_ = binary.Write(answers, binary.LittleEndian, uint32(noPiece))
			return err
		}
		binary.LittleEndian.PutUint32(buf, n)
		if _, err := answers.Write(buf); err != nil {
			return nil
		}
	}
}

// remoteFile is the file in the child.
type remoteFile struct {
	asks    io.Writer
	answers io.Reader
}

func (f remoteFile) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		ask := binary.LittleEndian.AppendUint64(nil, uint64(off))
		ask = binary.LittleEndian.AppendUint32(ask, uint32(min(len(p)-n, maxPiece)))
		if _, err := f.asks.Write(ask); err != nil {
			return n, err
		}
		length := make([]byte, 4)
		if _, err := io.ReadFull(f.answers, length); err != nil {
			return n, err
		}
		got := binary.LittleEndian.Uint32(length)
		if got == noPiece || int64(got) > int64(len(p)-n) {
			return n, errors.New("extract: the file cannot be read")
		}
		if got == 0 {
			return n, io.EOF
		}
		if _, err := io.ReadFull(f.answers, p[n:n+int(got)]); err != nil {
			return n, err
		}
		n, off = n+int(got), off+int64(got)
	}
	return n, nil
}
