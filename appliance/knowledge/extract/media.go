package extract

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const (
	// SampleRate of what [DecodeAudio] writes, which is what Whisper takes.
	SampleRate = 16_000
	// MaxRecording is the most of a recording that is read. What is beyond
	// is left out with a notice.
	MaxRecording = 4 * time.Hour

	bytesPerSecond = SampleRate * 2  // mono, 16 bit
	probeTime      = 5 * time.Minute // on a box with no processor to spare
	mediaMemory    = 512 << 20
	// mediaCPU bounds ffmpeg's processor time: a slow core decodes an hour of
	// video's sound in about half a minute.
	mediaCPU = 30 * 60
	// mediaSilence is how much of it may go without progress.
	mediaSilence = 60 * time.Second
)

// Probe says how long a recording is and whether it is a sound or a video. It
// runs ffprobe under limits. A recording without sound fails with reason
// no_sound; what is no recording, with unsupported_type.
func Probe(ctx context.Context, path string) (Info, error) {
	file, err := os.Open(path)
	if err != nil {
		return Info{}, err
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return Info{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, probeTime, errTooSlow(errors.New("ffprobe")))
	defer cancel()
	return probe(ctx, file, st.Size())
}

// ffprobeOutput is the part of ffprobe's JSON that is used.
type ffprobeOutput struct {
	Streams []struct {
		Type        string `json:"codec_type"`
		Duration    string `json:"duration"`
		Channels    int    `json:"channels"`
		Disposition struct {
			Cover int `json:"attached_pic"`
		} `json:"disposition"`
	} `json:"streams"`
	Format struct {
		Duration string `json:"duration"`
	} `json:"format"`
}

func probe(ctx context.Context, file *os.File, size int64) (Info, error) {
	form, err := detect(file, size)
	if err != nil {
		return Info{}, err
	}
	t := formats[form]
	if t.demuxer == "" {
		return Info{}, errUnsupported(t.mediaType)
	}
	out, err := runMedia(ctx, "ffprobe", file, "", nil,
		"-v", "error", "-protocol_whitelist", "file,pipe", "-f", t.demuxer,
		"-show_entries", "format=duration:stream=codec_type,duration,channels:stream_disposition=attached_pic",
		"-of", "json", inputURL)
	if err != nil {
		return Info{}, err
	}
	var found ffprobeOutput
	if err := json.Unmarshal(out, &found); err != nil {
		return Info{}, errDamaged(err)
	}
	info := infoOf(form)
	sound, picture := false, false
	seconds, _ := strconv.ParseFloat(found.Format.Duration, 64)
	for _, s := range found.Streams {
		switch {
		case s.Type == "audio":
			sound = true
			if d, err := strconv.ParseFloat(s.Duration, 64); err == nil && seconds == 0 {
				seconds = d
			}
		case s.Type == "video" && s.Disposition.Cover == 0:
			picture = true
		}
	}
	// Containers for video often hold only sound.
	if picture {
		info.Kind = appliance.KindVideo
		info.MediaType = strings.Replace(info.MediaType, "audio/", "video/", 1)
	} else {
		info.Kind = appliance.KindAudio
		info.MediaType = strings.Replace(info.MediaType, "video/", "audio/", 1)
	}
	if !sound {
		if !picture {
			return info, errDamaged(errors.New("ffprobe: no streams"))
		}
		return info, errNoSound(info.Kind)
	}
	if seconds > 0 && seconds < 1e6 {
		info.Duration = seconds
	}
	return info, nil
}

// DecodeAudio writes the sound of the recording src to dst as 16 kHz, mono,
// 16-bit little-endian samples without a header. dst appears only when it is
// whole (dst + ".part" until then). It returns the length in seconds and
// notices on what was left out; broken files are read as far as they go.
// onProgress, which may be nil, gets the seconds decoded so far, about twice a
// second, on another goroutine.
func DecodeAudio(ctx context.Context, src, dst string, onProgress func(seconds float64)) (float64, []appliance.Notice, error) {
	file, err := os.Open(src)
	if err != nil {
		return 0, nil, err
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return 0, nil, err
	}
	form, err := detect(file, st.Size())
	if err != nil {
		return 0, nil, err
	}
	t := formats[form]
	if t.demuxer == "" {
		return 0, nil, errUnsupported(t.mediaType)
	}
	dst, err = filepath.Abs(dst)
	if err != nil {
		return 0, nil, err
	}
	part := dst + ".part"
	defer os.Remove(part)

	const limit = int64(MaxRecording/time.Second) * bytesPerSecond
	progress := func(seconds float64) {
		if onProgress != nil {
			onProgress(seconds)
		}
	}
	args := []string{"-nostdin", "-hide_banner", "-v", "error", "-progress", "pipe:1", "-nostats",
		"-protocol_whitelist", "file,pipe", "-threads", "1"}
	if form == formatWAV {
		args = append(args, "-ignore_length", "1") // the header's sizes are often wrong
	}
	args = append(args, "-f", t.demuxer, "-i", inputURL,
		"-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1",
		"-t", strconv.Itoa(int(MaxRecording/time.Second)), "-fs", strconv.FormatInt(limit, 10),
		"-ac", "1", "-ar", strconv.Itoa(SampleRate), "-c:a", "pcm_s16le", "-f", "s16le", "-y", "file:"+part)
	_, runErr := runMedia(ctx, "ffmpeg", file, filepath.Dir(dst), progress, args...)
	if runErr != nil && problem.CodeOf(runErr) != problem.Unreadable {
		return 0, nil, runErr
	}
	written, err := os.Stat(part)
	if err != nil || written.Size() < bytesPerSecond/10 { // a tenth of a second holds no word
		if probeErr := soundlessness(ctx, file, st.Size()); runErr == nil || problem.Of(probeErr).Reason == "no_sound" {
			runErr = probeErr
		}
		return 0, nil, runErr
	}
	if err := syncFile(part); err != nil {
		return 0, nil, err
	}
	if err := os.Rename(part, dst); err != nil {
		return 0, nil, err
	}
	seconds := float64(written.Size()) / bytesPerSecond
	var notices []appliance.Notice
	if runErr != nil {
		notices = append(notices, noticePartlyRead())
	}
	if written.Size() >= limit-bytesPerSecond {
		notices = append(notices, noticeRecordingCut(seconds))
	}
	return seconds, notices, nil
}

// soundlessness says why nothing came out of a recording.
func soundlessness(ctx context.Context, file *os.File, size int64) error {
	info, err := probe(ctx, file, size)
	if err != nil {
		return err
	}
	return errTooShort(info.Kind)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// inputURL is the recording: the tool's standard input, which is the file
// itself and can be sought in. (The protocol "fd:" came with ffmpeg 6.)
const inputURL = "file:/proc/self/fd/0"

// runMedia runs one of ffmpeg's programs on file under limits and returns what
// it printed. With onProgress, the output is ffmpeg's progress report and is
// not kept. Errors are those that a teacher reads; what is wrong with the file
// has the code EUnreadable.
func runMedia(ctx context.Context, tool string, file *os.File, dir string, onProgress func(float64), args ...string) ([]byte, error) {
	path, err := exec.LookPath(tool)
	if err != nil {
		return nil, errNoTool("ffmpeg", "Reading recordings", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p := &process{argv: append([]string{path}, args...), stdin: file, stdout: in, dir: dir, memory: mediaMemory,
		patience: mediaSilence, netns: true}
	exited := make(chan error, 1)
	go func() {
		err := p.run(ctx, func(pid int) { limitMedia(pid); in.Close() })
		in.Close()
		exited <- err
	}()
	var printed []byte
	if onProgress != nil {
		followProgress(out, &p.silence, onProgress)
	} else {
		printed, _ = io.ReadAll(io.LimitReader(out, 1<<20))
	}
	_, _ = io.Copy(io.Discard, out)
	err = <-exited
	var start *exec.Error
	switch {
	case err == nil:
		return printed, nil
	case p.outgrew:
		return nil, errMemory(withTail(err, &p.stderr))
	case p.stalled:
		return nil, errTooSlow(withTail(err, &p.stderr))
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &start):
		return nil, err
	}
	return nil, errDamaged(withTail(fmt.Errorf("%s: %w", tool, err), &p.stderr))
}

// limitMedia puts limits on a program that has only just begun.
func limitMedia(pid int) {
	for what, most := range map[int]uint64{
		unix.RLIMIT_CORE:   0,
		unix.RLIMIT_CPU:    mediaCPU,
		unix.RLIMIT_NOFILE: 64,
		unix.RLIMIT_FSIZE:  uint64(MaxRecording/time.Second)*bytesPerSecond + 1<<20,
	} {
		// It fails only if the program has ended already.
		_ = unix.Prlimit(pid, what, &unix.Rlimit{Cur: most, Max: most}, nil)
	}
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, pid, 19)
}

// followProgress reads ffmpeg's "key=value" lines. It prints them even when it
// comes no further; that is no sign of life.
func followProgress(r io.Reader, silence *silence, onProgress func(float64)) {
	last := int64(-1)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		us, ok := strings.CutPrefix(lines.Text(), "out_time_us=")
		n, err := strconv.ParseInt(us, 10, 64)
		if !ok || err != nil || n <= last {
			continue
		}
		last = n
		silence.pause()
		onProgress(float64(n) / 1e6)
		silence.heard()
	}
}
