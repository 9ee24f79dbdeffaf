package extract

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestTakes(t *testing.T) {
	tone := []string{"-f", "lavfi", "-i", "sine=frequency=300:duration=1"}
	for _, test := range []struct {
		name string
		args []string
		want []Take
	}{
		{"mono.wav", tone, []Take{{}, {Louder: true}}},
		{"stereo.flac", append(slices.Clone(tone), "-ac", "2"), []Take{{}, {Channel: 1}, {Channel: 2},
			{Louder: true}, {Channel: 1, Louder: true}, {Channel: 2, Louder: true}}},
		{"tracks.mkv", append(append(slices.Clone(tone), tone...), "-map", "0:a", "-map", "1:a",
			"-disposition:a:0", "0", "-disposition:a:1", "default"),
			[]Take{{Track: 1}, {}, {Track: 1, Louder: true}, {Louder: true}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Takes(context.Background(), ffmpegFile(t, test.name, test.args...))
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

// loudest is the largest sample of what a take gives; 0 if it is empty.
func loudest(t *testing.T, src string, take Take) (peak int) {
	t.Helper()
	dst := filepath.Join(t.TempDir(), "samples")
	if _, _, err := DecodeTake(context.Background(), src, dst, take, nil); err != nil {
		t.Fatal(err)
	}
	pcm, err := os.ReadFile(dst)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(pcm); i += 2 {
		v := int(int16(binary.LittleEndian.Uint16(pcm[i:])))
		peak = max(peak, v, -v)
	}
	return peak
}

func TestChannelsAlone(t *testing.T) {
	upsideDown := ffmpegFile(t, "a.flac", "-f", "lavfi", "-i", "aevalsrc=0.3*sin(900*t)|-0.3*sin(900*t):d=1")
	if mix := loudest(t, upsideDown, Take{}); mix > 100 {
		t.Errorf("the mix has %d", mix)
	}
	for channel := 1; channel <= 2; channel++ {
		if got := loudest(t, upsideDown, Take{Channel: channel}); got < 9000 {
			t.Errorf("channel %d has %d", channel, got)
		}
	}
	rightOnly := ffmpegFile(t, "b.wav", "-f", "lavfi", "-i", "aevalsrc=0|0.3*sin(900*t):d=1")
	if left, right := loudest(t, rightOnly, Take{Channel: 1}), loudest(t, rightOnly, Take{Channel: 2}); left > 10 || right < 9000 {
		t.Errorf("left %d, right %d", left, right)
	}
}

func TestSecondTrack(t *testing.T) {
	film := ffmpegFile(t, "v.mkv", "-f", "lavfi", "-i", "anullsrc=d=1", "-f", "lavfi", "-i", "sine=frequency=300:duration=1",
		"-map", "0:a", "-map", "1:a", "-c:a", "flac")
	if first, second := loudest(t, film, Take{}), loudest(t, film, Take{Track: 1}); first > 0 || second < 1000 {
		t.Errorf("first %d, second %d", first, second)
	}
}

func TestQuietIsMadeLouder(t *testing.T) {
	// Words and pauses, at -50 and at -60 decibels; a fan at -50; a good level.
	for name, test := range map[string]struct {
		source         string
		loudLo, loudHi int
	}{
		"-50":    {"aevalsrc=(0.004*sin(900*t)*gt(sin(6*t)\\,0)+0.00005*sin(70*t)):d=3", 2500, 9000},
		"-60":    {"aevalsrc=(0.0014*sin(900*t)*gt(sin(4*t)\\,0.3)+0.00004*sin(70*t)):d=3", 2500, 9000},
		"a fan":  {"aevalsrc=0.004*sin(900*t):d=3", 0, 0},
		"good":   {"aevalsrc=0.2*sin(900*t)*gt(sin(6*t)\\,0):d=3", 0, 0},
		"nobody": {"anullsrc=d=3", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			src := ffmpegFile(t, "a.wav", "-f", "lavfi", "-i", test.source)
			if got := loudest(t, src, Take{Louder: true}); got < test.loudLo || got > test.loudHi {
				t.Errorf("the loudest sample is %d", got)
			}
		})
	}
}

func TestLevel(t *testing.T) {
	write := func(amplitudes ...float64) string {
		var pcm []byte
		for _, a := range amplitudes {
			for i := range bytesPerSecond / 20 { // a tenth of a second
				pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(a*32767*math.Sqrt2*math.Sin(float64(i)/7))))
			}
		}
		path := filepath.Join(t.TempDir(), "samples")
		if err := os.WriteFile(path, pcm, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	l, err := LevelOf(write(0.1, 0.1, 0.01, 0.01, 0.01, 0.1, 0.01, 0.01, 0.01, 0.01))
	if err != nil || math.Abs(l.Loud+20) > 1 || math.Abs(l.Quiet+40) > 1 || l.TooQuiet() {
		t.Errorf("%+v, %v", l, err)
	}
	if l, err = LevelOf(write(0, 0, 0)); err != nil || l.TooQuiet() {
		t.Errorf("silence is %+v, %v", l, err)
	}
	if l, err = LevelOf(write(0.004, 0.0001, 0.004)); err != nil || !l.TooQuiet() {
		t.Errorf("%+v, %v is not too quiet", l, err)
	}
}
