package convert

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"strings"
)

// sileroVersion is written into the file, which whisper.cpp only shows. The
// weights are those of 6.2.0 in every later package so far.
var sileroVersion = [3]int32{6, 2, 0}

// Silero's network for 16 kHz: a short-time Fourier transform as a
// convolution, four convolutions, one LSTM cell, one output.
const (
	sileroWindow  = 512 // samples a step
	sileroContext = 64  // samples of the step before
	sileroFFT     = 256
	sileroHidden  = 128
	sileroKernel  = 3
	sileroLayers  = 4
)

// sileroChannels are the widths before, between and after the convolutions.
var sileroChannels = [sileroLayers + 1]int64{sileroFFT/2 + 1, 128, 64, 64, sileroHidden}

// silero converts the voice-activity detector's TorchScript archive to
// whisper.cpp's ggml file: convolutions as float16, the rest as float32. A
// TorchScript archive is a zip whose members */data/N are tensors as they lie
// in memory. The 16 kHz network is data/2 to data/16, in the order of its
// layers; data/17 and up are the 8 kHz network, which the box has no use for.
func silero(files map[string]*blob, w io.Writer) error {
	archive, err := zip.NewReader(files[RoleModel].r, files[RoleModel].size)
	if err != nil {
		return fmt.Errorf("TorchScript archive: %w", err)
	}
	next := 2
	// take makes a ggml tensor of the next member.
	take := func(name string, kind int32, dims ...int64) (t ggmlTensor) {
		elements := int64(1)
		for _, d := range dims {
			elements *= d
		}
		var r *zip.File
		if r, err = torchMember(archive, next, 4*elements, err); err != nil {
			return t
		}
		next++
		return ggmlTensor{name, dims, kind, func(w io.Writer) error {
			in, err := r.Open()
			if err != nil {
				return err
			}
			defer in.Close()
			if kind == typeF16 {
				return narrow(w, in)
			}
			_, err = io.Copy(w, in)
			return err
		}}
	}
	basis := take("_model.stft.forward_basis_buffer", typeF16, sileroFFT+2, 1, sileroFFT)
	var tensors []ggmlTensor
	for i := range sileroLayers {
		in, out := sileroChannels[i], sileroChannels[i+1]
		name := fmt.Sprintf("_model.encoder.%d.reparam_conv", i)
		tensors = append(tensors,
			take(name+".weight", typeF16, out, in, sileroKernel),
			take(name+".bias", typeF32, out))
	}
	const gates = 4 * sileroHidden
	tensors = append(tensors,
		take("_model.decoder.rnn.weight_ih", typeF32, gates, sileroHidden),
		take("_model.decoder.rnn.weight_hh", typeF32, gates, sileroHidden),
		take("_model.decoder.rnn.bias_ih", typeF32, gates),
		take("_model.decoder.rnn.bias_hh", typeF32, gates),
		take("_model.decoder.decoder.2.weight", typeF16, sileroHidden),
		take("_model.decoder.decoder.2.bias", typeF32),
		basis)
	if err != nil {
		return err
	}

	g := newGGMLWriter(w)
	g.ints(ggmlMagic)
	g.str([]byte("silero-16k"))
	g.ints(sileroVersion[:]...)
	g.ints(sileroWindow, sileroContext, sileroLayers)
	for i := range sileroLayers {
		g.ints(int32(sileroChannels[i]), int32(sileroChannels[i+1]), sileroKernel)
	}
	g.ints(sileroHidden, sileroHidden, sileroHidden, 1)
	for _, t := range tensors {
		g.tensor(t)
	}
	return g.close()
}

// torchMember finds tensor n of a TorchScript archive and checks its size;
// an earlier error is passed on.
func torchMember(archive *zip.Reader, n int, size int64, err error) (*zip.File, error) {
	if err != nil {
		return nil, err
	}
	want := fmt.Sprintf("data/%d", n)
	for _, f := range archive.File {
		if dir, base := path.Split(f.Name); !strings.HasSuffix(path.Clean(dir)+"/"+base, "/"+want) {
			continue
		}
		if f.UncompressedSize64 != uint64(size) {
			return nil, fmt.Errorf("tensor %s has %d bytes, not %d", want, f.UncompressedSize64, size)
		}
		return f, nil
	}
	return nil, fmt.Errorf("tensor %s is missing", want)
}
