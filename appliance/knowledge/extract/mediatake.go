package extract

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// Take is one way of listening to a recording. The zero value mixes all channels
// of its first track.
type Take struct {
	Track   int  // of its tracks of sound, from 0
	Channel int  // this channel alone, from 1; 0 for all
	Louder  bool // amplified, if it is quiet
	gain    float64
}

func (t Take) filter() string {
	var filters []string
	if t.Channel > 0 {
		filters = append(filters, fmt.Sprintf("pan=mono|c0=c%d", t.Channel-1))
	}
	if t.gain > 0 {
		filters = append(filters, fmt.Sprintf("volume=%.1fdB", t.gain))
	}
	return strings.Join(filters, ",")
}

const (
	// maxTracks bounds the tracks that are listened to (a film has a few
	// languages), maxApart those whose channels are heard apart.
	maxTracks, maxApart = 4, 2
)

// Takes lists the ways to listen to a recording until somebody is heard, best
// first: the track that players play, each of its channels alone (of two, one may
// be the other upside down, and silence is all that is left of their mix), the
// other tracks, and the same louder.
func Takes(ctx context.Context, path string) ([]Take, error) {
	r, err := openRecording(path)
	if err != nil {
		return nil, err
	}
	defer r.file.Close()
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	found, err := r.show(ctx)
	if err != nil {
		return nil, err
	}
	return takesOf(found), nil
}

func takesOf(found ffprobeOutput) []Take {
	type track struct {
		Take
		stereo, played bool
	}
	var tracks []track
	for _, s := range found.Streams {
		if s.Type == "audio" {
			tracks = append(tracks, track{Take{Track: len(tracks)}, s.Channels == 2, s.Disposition.Default != 0})
		}
	}
	slices.SortStableFunc(tracks, func(a, b track) int {
		switch {
		case a.played && !b.played:
			return -1
		case b.played && !a.played:
			return 1
		}
		return 0
	})
	var takes []Take
	for i, t := range tracks[:min(len(tracks), maxTracks)] {
		takes = append(takes, t.Take)
		if t.stereo && i < maxApart {
			takes = append(takes, Take{Track: t.Track, Channel: 1}, Take{Track: t.Track, Channel: 2})
		}
	}
	if len(takes) == 0 {
		return []Take{{}} // decoding says what is wrong
	}
	for _, t := range takes { // those that are quiet
		t.Louder = true
		takes = append(takes, t)
	}
	return takes
}

// DecodeTake is [DecodeAudio] for one way of listening. A take that is to be
// louder and is not quiet comes out empty: it was heard before.
func DecodeTake(ctx context.Context, src, dst string, take Take, onProgress func(seconds float64)) (float64, []appliance.Notice, error) {
	seconds, notices, err := decodeTake(ctx, src, dst, take, MaxRecording, onProgress)
	if err != nil || !take.Louder {
		return seconds, notices, err
	}
	level, err := LevelOf(dst)
	if err != nil {
		return 0, nil, err
	}
	if take.gain = level.gain(); take.gain == 0 {
		return 0, notices, os.Truncate(dst, 0)
	}
	if err := os.Remove(dst); err != nil {
		return 0, nil, err
	}
	return decodeTake(ctx, src, dst, take, MaxRecording, onProgress)
}

// Level is how loud a recording is, in decibels below the loudest there is.
type Level struct {
	Loud  float64 // what a hundredth of its moments exceed
	Quiet float64 // what a tenth of them stay below
}

const (
	// Speech below tooQuiet is not told from silence by the models that listen;
	// what is below silent is the noise of a converter, and no more than that.
	tooQuiet, silent = -34.0, -80.0
	// goodLevel is how loud the loud moments of speech should be, maxGain the
	// most that helps, and minDynamics what speech has and a fan has not.
	goodLevel, maxGain, minDynamics = -20.0, 50.0, 8.0
)

// TooQuiet reports a level at which nothing may be understood though somebody
// speaks.
func (l Level) TooQuiet() bool { return l.Loud < tooQuiet && l.Loud > silent }

// gain is by how many decibels a recording should be louder; 0 if that does not
// help: it is loud enough, or holds nothing but an even noise.
func (l Level) gain() float64 {
	if !l.TooQuiet() || l.Loud-l.Quiet < minDynamics {
		return 0
	}
	return min(goodLevel-l.Loud, maxGain)
}

// LevelOf measures decoded samples.
func LevelOf(samples string) (Level, error) {
	file, err := os.Open(samples)
	if err != nil {
		return Level{}, err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 64<<10)
	moment := make([]byte, bytesPerSecond/10)
	var levels [121]int // how many moments have each level
	all := 0
	for {
		if _, err := io.ReadFull(in, moment); err != nil {
			break
		}
		var sum float64
		for i := 0; i < len(moment); i += 2 {
			v := float64(int16(binary.LittleEndian.Uint16(moment[i:]))) / 32768
			sum += v * v
		}
		db := 10 * math.Log10(max(sum/float64(len(moment)/2), 1e-12))
		levels[int(-min(db, 0))]++
		all++
	}
	level := Level{Loud: -120, Quiet: -120}
	seen := 0
	for db, n := range levels {
		if before := seen; n > 0 && before*100 <= all && (before+n)*100 > all {
			level.Loud = -float64(db)
		}
		if seen += n; seen*10 >= 9*all && n > 0 {
			level.Quiet = -float64(db)
			break
		}
	}
	return level, nil
}
