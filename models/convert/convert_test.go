package convert

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// sources are small source files of every recipe, by role.
func sources(t testing.TB) map[string]map[string][]byte {
	return map[string]map[string][]byte{
		"whisper-ct2":        {RoleModel: tinyWhisper(), RoleVocabulary: []byte("!\nĠa\nĊ\n<|endoftext|>\n<|en|>\n")},
		"e5-packed":          {RoleModel: tinyE5(), RoleTokenizer: tinyTokenizer()},
		"minilm-safetensors": {RoleModel: tinySafetensors(t), RoleVocabulary: []byte(tinyVocabulary)},
		"silero-torchscript": {RoleModel: tinyTorch(t)},
	}
}

// runTiny is Run on files in memory, with a BERT that is small.
func runTiny(name string, files map[string][]byte, w io.Writer) error {
	blobs := map[string]*blob{}
	for role, p := range files {
		blobs[role] = bytesBlob(p)
	}
	if name == "minilm-safetensors" {
		return tinyBert.fromSafetensors(blobs, w)
	}
	return recipes[name].run(blobs, w)
}

func TestConvertedFiles(t *testing.T) {
	sums := map[string]string{
		"whisper-ct2":        "26682ad4221e46f214c24b71f29b5b35b3ef8c43560ce20190609bc7fb0d3ab8",
		"e5-packed":          "8b2e7463730bfb6464c7d7e340272f8615789a11f088acadc2524e36df09a9fd",
		"minilm-safetensors": "29066cc6d2c42164649d586692968aac730b270230b0fe63d36f2cbde7e3e06c",
		"silero-torchscript": "a015a7f3ce621e4fae3dd47d8899fb7545bb3863f7c1e7c47aa0b2269e5ffe80",
	}
	for name, files := range sources(t) {
		t.Run(name, func(t *testing.T) {
			out := newGolden()
			if err := runTiny(name, files, out); err != nil {
				t.Fatal(err)
			}
			out.want(t, sums[name])
			if err := check(bytesBlob(out.Bytes())); err != nil {
				t.Errorf("our own file does not pass the check: %v", err)
			}
		})
	}
	if len(sums) != len(Recipes()) {
		t.Errorf("%d recipes are tested, there are %d", len(sums), len(Recipes()))
	}
}

// A source file that ends early, anywhere, is an error and no panic.
func TestTruncatedSources(t *testing.T) {
	for name, files := range sources(t) {
		t.Run(name, func(t *testing.T) {
			whole := files[RoleModel]
			step := max(1, len(whole)/400)
			for n := 0; n < len(whole)-8; n += step {
				cut := map[string][]byte{}
				for role, p := range files {
					cut[role] = p
				}
				cut[RoleModel] = whole[:n]
				if err := runTiny(name, cut, io.Discard); err == nil {
					t.Fatalf("the first %d of %d bytes were converted", n, len(whole))
				}
			}
		})
	}
}

func TestWhisperSplitsFusedLayers(t *testing.T) {
	var out bytes.Buffer
	if err := runTiny("whisper-ct2", sources(t)["whisper-ct2"], &out); err != nil {
		t.Fatal(err)
	}
	m, err := readCT2(bytesBlob(tinyWhisper()))
	if err != nil {
		t.Fatal(err)
	}
	fused := m.vars["decoder/layer_0/self_attention/linear_0/weight"]
	raw := tinyWhisper()[fused.off : fused.off+fused.size]
	third := len(raw) / 3
	last := -1
	for i, part := range []string{"query", "key", "value"} {
		at := bytes.Index(out.Bytes(), append([]byte("decoder.blocks.0.attn."+part+".weight"), raw[i*third:(i+1)*third]...))
		if at < 0 || at < last {
			t.Errorf("%s is not followed by its third of the fused tensor", part)
		}
		last = at
	}
	if bytes.Contains(out.Bytes(), []byte("attn.key.bias")) {
		t.Error("Whisper's keys have no bias")
	}
}

func TestWhisperVocabulary(t *testing.T) {
	words, err := whisperVocabulary(bytesBlob([]byte("!\nĠa\nĊ\n\n<|endoftext|>\n<|en|>\n")))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(toStrings(words), "|"); got != "!| a|\n|" {
		t.Errorf("words are %q", got)
	}
	english := strings.Repeat("a\n", whisperWords-1) + endOfText + "\n"
	if words, err = whisperVocabulary(bytesBlob([]byte(english))); err != nil || len(words) != whisperWords {
		t.Errorf("an English vocabulary has %d words (%v)", len(words), err)
	}
	for _, bad := range []string{"a\n", "日\n<|endoftext|>\n"} {
		if _, err := whisperVocabulary(bytesBlob([]byte(bad))); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func toStrings(words [][]byte) (out []string) {
	for _, w := range words {
		out = append(out, string(w))
	}
	return out
}

func TestWordPiece(t *testing.T) {
	v, err := readWordPiece(bytesBlob([]byte(tinyVocabulary)))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁go", "ing", "▁["}; !slices.Equal(v.tokens, want) {
		t.Errorf("tokens are %q", v.tokens)
	}
	if v.ids["[SEP]"] != 3 || v.kinds[1] != tokenUnknown || v.kinds[5] != tokenNormal {
		t.Errorf("ids %v, kinds %v", v.ids, v.kinds)
	}
	if _, err := readWordPiece(bytesBlob([]byte("a\nb\n"))); err == nil {
		t.Error("a vocabulary without special tokens was read")
	}
}

func TestE5Reads(t *testing.T) {
	m, err := readE5(bytesBlob(tinyE5()))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.tokens) != 6 || m.tokens[4] != "▁a" || m.mask() != 5 || m.eos != 2 {
		t.Errorf("tokens %q, mask %d, eos %d", m.tokens, m.mask(), m.eos)
	}
	names := map[string]string{
		"token_embd.weight": "emb.word", "token_embd_norm.bias": "emb.ln.b",
		"blk.11.attn_output_norm.weight": "l11.aln.w", "blk.0.ffn_down.bias": "l0.fo.b",
	}
	for name, want := range names {
		if got := e5Name(name); got != want {
			t.Errorf("%s is %s in the packed file, want %s", name, got, want)
		}
	}
}

func TestCharsmap(t *testing.T) {
	got, err := readCharsmap(bytesBlob(tinyTokenizer()))
	if err != nil || string(got) != "charsmap" {
		t.Errorf("%q, %v", got, err)
	}
	alone := `{"normalizer":{"type":"Precompiled","precompiled_charsmap":"YQ=="}}`
	if got, err = readCharsmap(bytesBlob([]byte(alone))); err != nil || string(got) != "a" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"", "{}", `{"normalizer":{"type":"Precompiled","precompiled_charsmap":"!"}}`} {
		if _, err := readCharsmap(bytesBlob([]byte(bad))); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestRunOnFiles(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "vad.jit")
	if err := os.WriteFile(model, tinyTorch(t), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Run("silero-torchscript", Inputs{RoleModel: model}, &out); err != nil || out.Len() == 0 {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
	if err := Run("silero-torchscript", Inputs{}, io.Discard); err == nil {
		t.Error("a missing file is no error")
	}
	if err := Run("alchemy", Inputs{RoleModel: model}, io.Discard); err == nil {
		t.Error("an unknown recipe is no error")
	}
	if Roles("alchemy") != nil || len(Roles("whisper-ct2")) != 2 {
		t.Error("roles are not those of the recipe")
	}
}

// The sizes that a file announces are not believed: memory stays small.
func TestLiarsAllocateNothing(t *testing.T) {
	liars := map[string][]byte{
		"ct2 count":    le(nil, uint32(6), uint16(2), "a", uint8(0), uint32(3), uint32(1<<31)),
		"ct2 tensor":   le(nil, uint32(6), uint16(2), "a", uint8(0), uint32(3), uint32(1), uint16(2), "b", uint8(0), uint8(2), uint32(1<<31), uint32(1<<31), uint8(4), uint32(1<<31), make([]byte, 40)),
		"ct2 version":  le(nil, uint32(9), make([]byte, 64)),
		"safetensors":  le(nil, uint64(1<<62), make([]byte, 64)),
		"safetensors2": le(nil, uint64(1<<20), make([]byte, 64)),
		"e5":           le(nil, "E5S1", uint32(1), make([]byte, 36), int32(1<<30), make([]byte, 64)),
	}
	for name, p := range liars {
		var err error
		bytesUsed := allocatedBytes(func() {
			b := bytesBlob(p)
			switch {
			case strings.HasPrefix(name, "ct2"):
				_, err = readCT2(b)
			case name == "e5":
				_, err = readE5(b)
			default:
				_, err = readSafetensors(b)
			}
		})
		if err == nil {
			t.Errorf("%s was believed", name)
		}
		if bytesUsed > 1<<20 {
			t.Errorf("%s: %d bytes were allocated", name, bytesUsed)
		}
	}
}

func allocatedBytes(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
