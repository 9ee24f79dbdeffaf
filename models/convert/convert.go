// Package convert turns published model files of other formats into the ones
// that the box's engines read: GGUF for llama.cpp, ggml for whisper.cpp.
//
// Every conversion is deterministic, so that models/catalogue can pin the
// result's sha256, and streams: a tensor goes from its source file to the
// writer in small pieces, and only vocabularies are held in memory. Source
// files come from strangers: counts, sizes and offsets are checked against
// the file's length before anything is allocated or read.
package convert

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

// Inputs are the source files of a conversion: a path for each role that its
// recipe asks for (see Roles).
type Inputs map[string]string

// Roles of source files.
const (
	RoleModel      = "model"      // the tensors
	RoleVocabulary = "vocabulary" // one token a line
	RoleTokenizer  = "tokenizer"  // a Hugging Face tokenizer.json
)

type recipe struct {
	roles []string
	run   func(files map[string]*blob, w io.Writer) error
}

var recipes = map[string]recipe{
	"whisper-ct2":        {[]string{RoleModel, RoleVocabulary}, whisper},
	"e5-packed":          {[]string{RoleModel, RoleTokenizer}, e5},
	"minilm-safetensors": {[]string{RoleModel, RoleVocabulary}, miniLM},
	"silero-torchscript": {[]string{RoleModel}, silero},
}

// Recipes lists the names that Run knows, sorted.
func Recipes() []string { return slices.Sorted(maps.Keys(recipes)) }

// Roles tells which source files a recipe asks for; nil if there is no such
// recipe.
func Roles(name string) []string { return slices.Clone(recipes[name].roles) }

// Run reads the recipe's source files and writes the converted model to w.
// After an error what was written is of no use.
func Run(name string, in Inputs, w io.Writer) error {
	r, ok := recipes[name]
	if !ok {
		return fmt.Errorf("convert: no recipe %q", name)
	}
	files := make(map[string]*blob, len(r.roles))
	for _, role := range r.roles {
		f, err := os.Open(in[role])
		if err != nil {
			return fmt.Errorf("convert %s: %s file: %w", name, role, err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return fmt.Errorf("convert %s: %s file: %w", name, role, err)
		}
		files[role] = &blob{r: f, size: info.Size()}
	}
	if err := r.run(files, w); err != nil {
		return fmt.Errorf("convert %s: %w", name, err)
	}
	return nil
}
