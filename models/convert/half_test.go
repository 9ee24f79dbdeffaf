package convert

import (
	"math"
	"testing"
)

func TestHalfRoundTrip(t *testing.T) {
	for h := range 1 << 16 {
		f := halfToFloat(uint16(h))
		got := floatToHalf(f)
		if math.IsNaN(float64(f)) {
			if got&0x7c00 != 0x7c00 || got&0x3ff == 0 {
				t.Fatalf("NaN %#04x became %#04x", h, got)
			}
			continue
		}
		if got != uint16(h) {
			t.Fatalf("%#04x is %g and came back as %#04x", h, f, got)
		}
	}
}

func TestFloatToHalfRounds(t *testing.T) {
	tests := map[string]struct {
		in   float32
		want float32
	}{
		"exact":                   {1.5, 1.5},
		"tie to even, down":       {2049, 2048},
		"tie to even, up":         {2051, 2052},
		"above the tie":           {2049.01, 2050},
		"carry into the exponent": {4095.9, 4096},
		"largest":                 {65504, 65504},
		"overflow":                {65520, float32(math.Inf(1))},
		"negative overflow":       {-1e9, float32(math.Inf(-1))},
		"smallest subnormal":      {1.0 / (1 << 24), 1.0 / (1 << 24)},
		"half of it ties to zero": {1.0 / (1 << 25), 0},
		"a little more does not":  {1.01 / (1 << 25), 1.0 / (1 << 24)},
		"subnormal to normal":     {6.1e-5, 6.1e-5},
		"float32 subnormal":       {1e-40, 0},
	}
	for name, test := range tests {
		got := halfToFloat(floatToHalf(test.in))
		if got != test.want && math.Abs(float64(got-test.want)) > 1e-7 {
			t.Errorf("%s: %g became %g, want %g", name, test.in, got, test.want)
		}
	}
}
