package transport

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// These are switches of whole libraries. They are set once, here, because huma
// reads its own wherever a schema is made or an error is written.
func init() {
	gin.SetMode(gin.ReleaseMode)
	huma.DefaultArrayNullable = false // our lists are [] when empty
	huma.NewErrorWithContext = humaProblem
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return humaProblem(nil, status, message, errs...)
	}
}

// APIConfig prepares huma without the pages that it would load from elsewhere.
func APIConfig(title, version, description string) huma.Config {
	cfg := huma.DefaultConfig(title, version)
	cfg.Info.Description = description
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // no $schema links in answers
	return cfg
}

// Schemas are those of the OpenAPI document.
func (s *Server) Schemas() huma.Registry { return s.API.OpenAPI().Components.Schemas }

// Document is the API's OpenAPI document.
func (s *Server) Document() ([]byte, error) {
	compact, err := json.Marshal(s.API.OpenAPI())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// Words tells the document which words the string type T holds. W is a type of
// the caller's whose Schema lists them, with Enum.
func Words[T, W any](r huma.Registry) {
	r.RegisterTypeAlias(reflect.TypeFor[T](), reflect.TypeFor[W]())
}

// Enum is the schema of a string that holds one of some words.
func Enum[T ~string](all ...T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, word := range all {
		s.Enum = append(s.Enum, string(word))
	}
	s.PrecomputeMessages()
	return s
}

// Object is the schema of an object.
func Object(properties map[string]*huma.Schema, required ...string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Properties: properties, Required: required}
}

// Schema registers the schema of a type that no operation's input or output
// names, and refers to it.
func Schema[T any](r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[T](), true, "") }
