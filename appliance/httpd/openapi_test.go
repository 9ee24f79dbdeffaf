package httpd

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write web/src/api/openapi.json")

// TestOpenAPI fails when the API has changed and the document that the web
// app's types are made from has not: run go generate ./appliance/httpd.
func TestOpenAPI(t *testing.T) {
	const file = "../../web/src/api/openapi.json"
	made, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, committed) {
		t.Errorf("%s is not what the Go types say: run go generate ./appliance/httpd", file)
	}
}
