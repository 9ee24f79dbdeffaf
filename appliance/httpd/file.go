package httpd

import (
	"context"
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

type fileInput struct {
	ID       string `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The source's id"`
	Download bool   `query:"download" doc:"Save rather than show"`
}

func (s *materialRoutes) fileRoute(api *transport.Server) {
	binary := func(description string) *huma.Response {
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}
	}
	transport.Register(api, huma.Operation{
		OperationID: "getSourceFile", Method: http.MethodGet, Path: "/api/v1/knowledge/{id}/file",
		Summary: "The original file", Tags: []string{"material"},
		Description: "Understands Range, If-Range and If-None-Match. PDF, pictures and recordings come with their media type, plain text as text/plain; everything else, HTML and SVG above all, only as a download.",
		Responses:   map[string]*huma.Response{"200": binary("The file"), "206": binary("A range of it"), "304": {Description: "Unchanged"}},
		Errors:      []int{http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable},
	}, s.sourceFile)
}

func (s *materialRoutes) sourceFile(ctx context.Context, in *fileInput) (*huma.StreamResponse, error) {
	f, src, err := s.material.Open(ctx, principalOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return transport.Raw(func(w http.ResponseWriter, r *http.Request) error {
		defer f.Close()
		// What is not written down does not leave the box: files that are saved,
		// not those that are looked at.
		if p := principalOf(ctx); in.Download && r.Method == http.MethodGet {
			if err := s.auditLog.AppendAudit(ctx, p.Org, p.Did("source.downloaded", src.ID)); err != nil {
				return err
			}
		}
		mediaType, inline := shown(src)
		disposition := "attachment"
		if inline && !in.Download {
			disposition = "inline"
		}
		h := w.Header()
		h.Set("Content-Type", mediaType)
		h.Set("Content-Disposition", contentDisposition(disposition, src.Title))
		// A teacher's file is foreign content on the box's own origin: it must
		// not run scripts there, whatever a browser takes it for.
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("Cache-Control", "private, no-cache") // it may be deleted: ask each time, by ETag
		if src.SHA256 != "" {
			h.Set("ETag", `"`+src.SHA256+`"`)
		}
		http.ServeContent(w, r, "", src.CreatedAt, f)
		return nil
	}), nil
}

// shownTypes are the media types, beside audio and video, that browsers show
// without running anything in them.
var shownTypes = map[string]bool{
	"application/pdf": true,
	"image/png":       true, "image/jpeg": true, "image/gif": true, "image/webp": true,
	"image/avif": true, "image/bmp": true, "image/tiff": true, "image/heic": true,
}

// shown returns the media type to send, and whether a browser may show it.
func shown(src appliance.Source) (mediaType string, inline bool) {
	kind, _, err := mime.ParseMediaType(src.MediaType)
	switch {
	case err != nil:
		return "application/octet-stream", false
	case shownTypes[kind], strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"):
		return kind, true
	case src.Kind == appliance.KindText:
		return "text/plain; charset=utf-8", true
	}
	return "application/octet-stream", false
}

// contentDisposition writes the header of RFC 6266: a plain name for old
// clients, and the true one as in RFC 8187.
func contentDisposition(disposition, name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\/%;`, r) {
			return '_'
		}
		return r
	}, name)
	var exact strings.Builder
	for _, b := range []byte(strings.ToValidUTF8(name, "_")) {
		if b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || strings.IndexByte("!#$&+-.^_`|~", b) >= 0 {
			exact.WriteByte(b)
			continue
		}
		const hex = "0123456789ABCDEF"
		exact.Write([]byte{'%', hex[b>>4], hex[b&15]})
	}
	return disposition + `; filename="` + plain + `"; filename*=UTF-8''` + exact.String()
}
