package convert

import "math"

// Whisper's spectrogram: 16 kHz sound, windows of 400 samples, so 201
// frequencies.
const (
	melRate   = 16000
	melWindow = 400
	melBins   = melWindow/2 + 1
)

// melFilters are n triangular filters over melBins frequencies on Slaney's
// mel scale, area-normalized, row by row: what librosa.filters.mel(sr=16000,
// n_fft=400, n_mels=n) gives and Whisper was trained with. The order of the
// operations, and rounding to float32 before normalizing, follow librosa to
// the last bit; the float64 conversions keep the compiler from fusing
// multiply and add on machines that can.
func melFilters(n int) []float32 {
	hz := melFrequencies(n + 2)
	out := make([]float32, 0, n*melBins)
	for m := range n {
		norm := 2.0 / (hz[m+2] - hz[m])
		for k := range melBins {
			f := float64(k) * (1.0 / (melWindow * (1.0 / float64(melRate))))
			lower := -(hz[m] - f) / (hz[m+1] - hz[m])
			upper := (hz[m+2] - f) / (hz[m+2] - hz[m+1])
			w := float32(max(0, min(lower, upper)))
			out = append(out, float32(float64(w)*norm))
		}
	}
	return out
}

// melFrequencies are n frequencies from 0 to 8 kHz, evenly spaced in mel.
// Slaney's scale is linear up to 1 kHz (15 mel) and logarithmic above.
func melFrequencies(n int) []float64 {
	const (
		linear = 200.0 / 3 // Hz per mel below the knee
		kneeHz = 1000.0
		knee   = kneeHz / linear
	)
	step := math.Log(6.4) / 27
	top := knee + math.Log(melRate/2/kneeHz)/step
	hz := make([]float64, n)
	for i := range hz {
		mel := float64(float64(i) * (top / float64(n-1)))
		if i == n-1 {
			mel = top
		}
		if mel < knee {
			hz[i] = linear * mel
		} else {
			hz[i] = kneeHz * math.Exp(step*(mel-knee))
		}
	}
	return hz
}
