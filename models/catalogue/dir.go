package catalogue

import (
	"os"
	"path/filepath"
)

// DefaultDir is where weights are kept: BWENGE_MODELS, else models in
// BWENGE_CACHE, else bwenge/models in XDG_CACHE_HOME or ~/.cache.
func DefaultDir() string {
	if dir := os.Getenv("BWENGE_MODELS"); dir != "" {
		return dir
	}
	if dir := os.Getenv("BWENGE_CACHE"); dir != "" {
		return filepath.Join(dir, "models")
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		// Without a home the weights land below the working folder, which
		// shows itself more readily than a folder in /.
		home, _ := os.UserHomeDir()
		cache = filepath.Join(home, ".cache")
	}
	return filepath.Join(cache, "bwenge", "models")
}
