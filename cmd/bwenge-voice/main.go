// Command bwenge-voice speaks one text with espeak-ng and tells when each sound
// begins, so that a mouth can move with it. It reads a request as JSON from its
// input and writes one line of JSON and then the sound: 16-bit little-endian
// samples. It is a program of its own because espeak-ng is under the GPL and the
// box is not, and so that whatever a text does to it ends with it.
package main

// #cgo LDFLAGS: -ldl
// #include <stdlib.h>
// #include "espeak.h"
import "C"

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"unsafe"
)

// request is what to say and how.
type request struct {
	Text  string `json:"text"`
	Voice string `json:"voice"`
	Rate  int    `json:"rate"`  // words a minute
	Pitch int    `json:"pitch"` // 0 to 99
}

// reply is the line before the sound.
type reply struct {
	SampleRate int       `json:"sample_rate"`
	Samples    int       `json:"samples"`
	Phonemes   []phoneme `json:"phonemes"`
	Words      []word    `json:"words"`
}

type phoneme struct {
	At  int    `json:"at"` // ms
	IPA string `json:"ipa"`
}

type word struct {
	At     int `json:"at"`   // ms
	From   int `json:"from"` // characters of the text, from 0
	Length int `json:"length"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bwenge-voice:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var r request
	if err := json.NewDecoder(io.LimitReader(in, 64<<10)).Decode(&r); err != nil {
		return err
	}
	text, voice := C.CString(r.Text), C.CString(r.Voice)
	defer C.free(unsafe.Pointer(text))
	defer C.free(unsafe.Pointer(voice))
	var s C.struct_speech
	if C.speak(&s, text, voice, C.int(r.Rate), C.int(r.Pitch)) != 0 {
		return errors.New(C.GoString(&s.error[0]))
	}
	answer := reply{SampleRate: int(s.rate), Samples: int(s.samples), Phonemes: []phoneme{}, Words: []word{}}
	for _, m := range unsafe.Slice(s.marks, int(s.marks_n)) {
		if m.word != 0 {
			answer.Words = append(answer.Words, word{int(m.at), int(m.from) - 1, int(m.length)})
		} else {
			answer.Phonemes = append(answer.Phonemes, phoneme{int(m.at), C.GoString(&m.ipa[0])})
		}
	}
	if err := json.NewEncoder(out).Encode(answer); err != nil {
		return err
	}
	return binary.Write(out, binary.LittleEndian, unsafe.Slice((*int16)(s.pcm), int(s.samples)))
}
