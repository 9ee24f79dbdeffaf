package convert

import (
	"encoding/json"
	"fmt"
	"io"
)

// maxSafetensorsHeader bounds the JSON table of contents; the format's own
// limit is 100 MB, the models that we read need some 10 kB.
const maxSafetensorsHeader = 1 << 20

// safetensors is the table of contents of a .safetensors file: u64 length,
// JSON, then the data that the JSON's offsets count from.
type safetensors struct {
	file *blob
	data int64 // where the data begin
	vars map[string]safeTensor
}

type safeTensor struct {
	Type    string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

func readSafetensors(b *blob) (*safetensors, error) {
	c := newCursor(b, 0)
	n := c.u64()
	if c.err == nil && n > maxSafetensorsHeader {
		return nil, fmt.Errorf("safetensors header of %d bytes", n)
	}
	var raw map[string]json.RawMessage
	if text := c.bytes(int64(n)); c.err != nil {
		return nil, c.err
	} else if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("safetensors header: %w", err)
	}
	s := &safetensors{file: b, data: c.at, vars: map[string]safeTensor{}}
	for name, text := range raw {
		if name == "__metadata__" {
			continue
		}
		var t safeTensor
		if err := json.Unmarshal(text, &t); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if t.Offsets[0] < 0 || t.Offsets[1] < t.Offsets[0] || t.Offsets[1] > b.size-s.data {
			return nil, fmt.Errorf("tensor %q lies outside the file", name)
		}
		s.vars[name] = t
	}
	return s, nil
}

// float returns a float32 tensor of exactly this shape.
func (s *safetensors) float(name string, shape ...int64) (io.Reader, error) {
	t, ok := s.vars[name]
	if !ok {
		return nil, fmt.Errorf("tensor %q is missing", name)
	}
	size, same := int64(4), len(shape) == len(t.Shape)
	for i, d := range shape {
		same = same && d == t.Shape[i]
		size *= d
	}
	if t.Type != "F32" || !same || t.Offsets[1]-t.Offsets[0] != size {
		return nil, fmt.Errorf("tensor %q is %s %v in %d bytes, not F32 %v",
			name, t.Type, t.Shape, t.Offsets[1]-t.Offsets[0], shape)
	}
	return s.file.section(s.data+t.Offsets[0], size), nil
}
