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
	"strconv"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/proc"
)

const (
	// SampleRate of what [DecodeUpTo] writes, which is what Whisper takes.
	SampleRate = 16_000
	// MaxRecording is the most of a recording that is read. What is beyond
	// is left out with a notice.
	MaxRecording = 4 * time.Hour

	bytesPerSecond = SampleRate * 2  // mono, 16 bit
	probeTime      = 5 * time.Minute // on a box with no processor to spare
	mediaMemory    = 512 << 20
	mediaAddresses = 2 << 30
	// mediaCPU bounds ffmpeg's processor time: a slow core decodes an hour of
	// video's sound in about half a minute.
	mediaCPU = 30 * time.Minute
	// mediaSilence is how much of it may go without progress.
	mediaSilence = 60 * time.Second
)

// Probe says how long a recording is and whether it is a sound or a video. It
// runs ffprobe under limits. A recording without sound fails with reason
// no_sound; what is no recording, with unsupported_type.
func Probe(ctx context.Context, path string) (Info, error) {
	r, err := openRecording(path)
	if err != nil {
		return Info{}, err
	}
	defer r.file.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, probeTime, fault.TooSlow(errors.New("ffprobe")))
	defer cancel()
	return r.probe(ctx)
}

// recording is an open one, of a format that ffmpeg reads.
type recording struct {
	file *os.File
	form format
}

func openRecording(path string) (r recording, err error) {
	if r.file, err = os.Open(path); err != nil {
		return r, err
	}
	st, err := r.file.Stat()
	if err == nil {
		r.form, err = detect(r.file, st.Size())
	}
	if err == nil && formats[r.form].demuxer == "" {
		err = fault.Unsupported(formats[r.form].mediaType)
	}
	if err != nil {
		r.file.Close()
	}
	return r, err
}

// ffprobeOutput is the part of ffprobe's JSON that is used.
type ffprobeOutput struct {
	Streams []struct {
		Type        string `json:"codec_type"`
		Duration    string `json:"duration"`
		Channels    int    `json:"channels"`
		Disposition struct {
			Cover   int `json:"attached_pic"`
			Default int `json:"default"`
		} `json:"disposition"`
	} `json:"streams"`
	Format struct {
		Duration string `json:"duration"`
	} `json:"format"`
}

// show runs ffprobe.
func (r recording) show(ctx context.Context) (found ffprobeOutput, err error) {
	out, err := media{tool: "ffprobe", file: r.file, args: []string{
		"-v", "error", "-protocol_whitelist", "file,pipe", "-f", formats[r.form].demuxer,
		"-show_entries", "format=duration:stream=codec_type,duration,channels:stream_disposition=attached_pic,default",
		"-of", "json", inputURL}}.run(ctx)
	if err != nil {
		return found, err
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return found, fault.Damaged(err)
	}
	return found, nil
}

func (r recording) probe(ctx context.Context) (Info, error) {
	found, err := r.show(ctx)
	if err != nil {
		return Info{}, err
	}
	info := infoOf(r.form)
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
			return info, fault.Damaged(errors.New("ffprobe: no streams"))
		}
		return info, fault.NoSound(info.Kind)
	}
	if seconds > 0 && seconds < 1e6 {
		info.Duration = seconds
	}
	return info, nil
}

// DecodeAudio is [DecodeUpTo] for the longest lecture.
func DecodeAudio(ctx context.Context, src, dst string, onProgress func(seconds float64)) (float64, []appliance.Notice, error) {
	return DecodeUpTo(ctx, src, dst, MaxRecording, onProgress)
}

// DecodeUpTo writes the sound of the recording src to dst as 16 kHz, mono,
// 16-bit little-endian samples without a header, of at most so much of it. dst
// appears only when it is whole (dst + ".part" until then). It returns the length
// in seconds and notices on what was left out; broken files are read as far as
// they go. onProgress, which may be nil, gets the seconds decoded so far, about
// twice a second, on another goroutine.
func DecodeUpTo(ctx context.Context, src, dst string, most time.Duration, onProgress func(seconds float64)) (float64, []appliance.Notice, error) {
	return decodeTake(ctx, src, dst, Take{}, most, onProgress)
}

func decodeTake(ctx context.Context, src, dst string, take Take, most time.Duration, onProgress func(seconds float64)) (float64, []appliance.Notice, error) {
	r, err := openRecording(src)
	if err != nil {
		return 0, nil, err
	}
	defer r.file.Close()
	part := dst + ".part"
	// The program is given the open file and no folder to write to.
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, nil, err
	}
	output, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, nil, err
	}
	defer os.Remove(part)
	defer output.Close()

	limit := int64(most/time.Second) * bytesPerSecond
	if onProgress == nil {
		onProgress = func(float64) {}
	}
	_, runErr := media{tool: "ffmpeg", file: r.file, args: decoding(r.form, take, most, limit), output: output, follow: onProgress}.run(ctx)
	if runErr != nil && problem.CodeOf(runErr) != problem.Unreadable {
		return 0, nil, runErr
	}
	written, err := output.Stat()
	if err != nil {
		return 0, nil, err
	}
	if written.Size() < bytesPerSecond/10 { // a tenth of a second holds no word
		if probeErr := r.soundlessness(ctx); runErr == nil || problem.Of(probeErr).Reason == "no_sound" {
			runErr = probeErr
		}
		return 0, nil, runErr
	}
	if err := output.Sync(); err != nil {
		return 0, nil, err
	}
	if err := os.Rename(part, dst); err != nil {
		return 0, nil, err
	}
	seconds := float64(written.Size()) / bytesPerSecond
	var notices []appliance.Notice
	if runErr != nil {
		notices = append(notices, fault.NoticePartlyRead())
	}
	if written.Size() >= limit-bytesPerSecond {
		notices = append(notices, fault.NoticeRecordingCut(seconds))
	}
	return seconds, notices, nil
}

// decoding are ffmpeg's arguments: of at most so much of a take, samples of at
// most limit bytes.
func decoding(form format, take Take, most time.Duration, limit int64) []string {
	args := []string{"-nostdin", "-hide_banner", "-v", "error", "-progress", "pipe:3", "-nostats",
		"-protocol_whitelist", "file,pipe", "-threads", "1"}
	if form == formatWAV {
		args = append(args, "-ignore_length", "1") // the header's sizes are often wrong
	}
	args = append(args, "-f", formats[form].demuxer, "-i", inputURL,
		"-map", "0:a:"+strconv.Itoa(take.Track), "-vn", "-sn", "-dn", "-map_metadata", "-1")
	if filter := take.filter(); filter != "" {
		args = append(args, "-af", filter)
	}
	return append(args,
		"-t", strconv.Itoa(int(most/time.Second)), "-fs", strconv.FormatInt(limit, 10),
		"-ac", "1", "-ar", strconv.Itoa(SampleRate), "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1")
}

// soundlessness says why nothing came out of a recording.
func (r recording) soundlessness(ctx context.Context) error {
	info, err := r.probe(ctx)
	if err != nil {
		return err
	}
	return fault.TooShort(info.Kind)
}

// inputURL is the recording: the tool's standard input, which is the file
// itself and can be sought in. (The protocol "fd:" came with ffmpeg 6.)
const inputURL = "file:/proc/self/fd/0"

// media is one run of ffmpeg's programs.
type media struct {
	tool   string
	file   *os.File
	args   []string
	output *os.File      // gets what it prints; nil returns it
	follow func(float64) // gets the seconds that it reports on descriptor 3
}

// run returns what the program printed. Errors are those that a teacher reads;
// what is wrong with the file has the code Unreadable.
func (m media) run(ctx context.Context) ([]byte, error) {
	path, err := exec.LookPath(m.tool)
	if err != nil {
		return nil, fault.NoTool("ffmpeg", "Reading recordings", err)
	}
	if _, err := m.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer out.Close()
	said := proc.NewTail(40, 400)
	c := proc.Command{
		Path: path, Args: m.args, Stdin: m.file, Reopens: true, Stdout: in, Stderr: said, Priority: proc.Low,
		Sandbox: &proc.Sandbox{User: proc.Media},
		Limits: proc.Limits{
			Memory: mediaMemory, AddressSpace: mediaAddresses, Silence: mediaSilence, CPU: mediaCPU,
			Files: 64, Processes: maxThreads, FileSize: uint64(MaxRecording/time.Second)*bytesPerSecond + 1<<20,
		},
	}
	if m.output != nil {
		c.Stdout, c.Extra = m.output, []*os.File{in}
	}
	child, err := proc.Start(ctx, c)
	in.Close()
	if err != nil {
		return nil, err
	}
	var printed []byte
	if m.follow != nil {
		followProgress(out, child, m.follow)
	} else {
		printed, _ = io.ReadAll(io.LimitReader(out, 1<<20))
	}
	_, _ = io.Copy(io.Discard, out)
	err = child.Wait()
	switch {
	case err == nil:
		return printed, nil
	case child.Outgrew:
		return nil, fault.Memory(said.Explain(err))
	case child.Stalled:
		return nil, fault.TooSlow(said.Explain(err))
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return nil, fault.Damaged(said.Explain(fmt.Errorf("%s: %w", m.tool, err)))
}

// followProgress reads ffmpeg's "key=value" lines. It prints them even when it
// comes no further; that is no sign of life.
func followProgress(r io.Reader, child *proc.Child, onProgress func(float64)) {
	last := int64(-1)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		us, ok := strings.CutPrefix(lines.Text(), "out_time_us=")
		n, err := strconv.ParseInt(us, 10, 64)
		if !ok || err != nil || n <= last {
			continue
		}
		last = n
		child.Pause()
		onProgress(float64(n) / 1e6)
		child.Heard()
	}
}
