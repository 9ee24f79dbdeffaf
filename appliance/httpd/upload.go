package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Uploaded is the answer to an upload.
type Uploaded struct {
	Source  appliance.Source `json:"source"`
	Existed bool             `json:"existed" doc:"The box had these bytes already; nothing was added"`
}

const (
	maxFormFields   = 16       // parts before the file
	maxFormField    = 64 << 10 // bytes of each
	maxFormOverhead = 1 << 20  // what a form may weigh beyond its file
)

type uploadInput struct {
	Classes string `query:"classes" maxLength:"4000" doc:"Ids of the classes that it is for, by commas; none for the whole school"`
}

func (s *materialRoutes) uploadRoute(api *transport.Server) {
	const path = "/api/v1/knowledge/upload"
	transport.Register(api, huma.Operation{
		OperationID: "uploadSource", Method: http.MethodPost, Path: path,
		Summary: "Add a source", Tags: []string{"material"}, DefaultStatus: http.StatusAccepted,
		Description: "The file is stored while it arrives and read afterwards; follow its status. The same bytes again change nothing.",
		Responses: map[string]*huma.Response{"202": {
			Description: "Stored",
			Content: map[string]*huma.MediaType{"application/json": {
				Schema: transport.Schema[Uploaded](api.Schemas()),
			}},
		}},
	}, func(context.Context, *uploadInput) (*huma.StreamResponse, error) { return transport.Raw(s.upload), nil })
	// Told to the document only afterwards: huma would read a body that it knows
	// of into memory, all of it.
	api.API.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data": {Schema: transport.Object(map[string]*huma.Schema{
			"file": {Type: huma.TypeString, Format: "binary"},
		}, "file")},
	}}
}

// upload streams the form's file into the material. Nothing of it is held in
// memory or in a temporary file of net/http's.
func (s *materialRoutes) upload(w http.ResponseWriter, r *http.Request) error {
	rc := http.NewResponseController(w)
	// Without this, net/http reads on before it lets an early refusal out.
	_ = rc.EnableFullDuplex()
	uploaded, err := s.receive(w, r)
	if err != nil {
		transport.WriteProblem(w, r, err)
		if rc.Flush() == nil {
			transport.Linger(r)
		}
		return nil
	}
	answer, err := json.Marshal(uploaded)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(answer) // the file is stored, whether or not the client hears of it
	return nil
}

func (s *materialRoutes) receive(w http.ResponseWriter, r *http.Request) (Uploaded, error) {
	if r.ContentLength > s.cfg.MaxUpload+maxFormOverhead {
		return Uploaded{}, errUploadSize(s.cfg.MaxUpload)
	}
	r.Body = http.MaxBytesReader(w, r.Body, s.cfg.MaxUpload+maxFormOverhead)
	form, err := r.MultipartReader()
	if err != nil {
		return Uploaded{}, errForm(err)
	}
	file, err := filePart(form)
	if err != nil {
		return Uploaded{}, s.bodyError(err)
	}
	counted := &incoming{r: file, left: s.cfg.MaxUpload}
	n := appliance.NewFile{Name: file.FileName()}
	for id := range strings.SplitSeq(r.URL.Query().Get("classes"), ",") {
		if id != "" {
			n.Classes = append(n.Classes, appliance.ClassID(id))
		}
	}
	src, existed, err := s.material.Add(r.Context(), principalOf(r.Context()), n, counted, r.ContentLength)
	if counted.err != nil {
		// What went wrong is the sender's side, whatever the material made of it.
		return Uploaded{}, s.bodyError(counted.err)
	}
	return Uploaded{src, existed}, err
}

// filePart finds the form's file, passing over a few small fields before it.
func filePart(form *multipart.Reader) (*multipart.Part, error) {
	for range maxFormFields {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, errForm(errors.New("no file in the form"))
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return part, nil
		}
		if n, err := io.CopyN(io.Discard, part, maxFormField+1); n > maxFormField {
			return nil, errForm(errors.New("a field before the file is too long"))
		} else if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return nil, errForm(errors.New("too many fields before the file"))
}

// incoming is the file on its way in. It holds the size limit and remembers
// what went wrong on the sender's side.
type incoming struct {
	r    io.Reader
	left int64
	err  error // the first error other than EOF
}

func (i *incoming) Read(p []byte) (int, error) {
	if i.err != nil {
		return 0, i.err
	}
	n, err := i.r.Read(p)
	if i.left -= int64(n); i.left < 0 {
		err = &http.MaxBytesError{}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		i.err = err
	}
	return n, err
}

// bodyError says what went wrong while a body was read.
func (s *materialRoutes) bodyError(err error) error {
	var known *problem.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &tooLarge):
		return errUploadSize(s.cfg.MaxUpload)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return transport.WithStatus(http.StatusRequestTimeout, problem.New(problem.Timeout, "upload_stalled",
			"The upload stood still for too long.", "Move closer to the access point and upload the file again.", err))
	}
	return problem.New(problem.Invalid, "upload_broken",
		"The upload broke off before the file was complete.", "Upload the file again.", err)
}

func errForm(cause error) error {
	return problem.New(problem.Invalid, "not_a_file_form",
		"The upload holds no file that the box can find.",
		"Choose a file on the Material page, or send a form with a field named file.", cause)
}

func errUploadSize(limit int64) error {
	return problem.New(problem.TooLarge, "file_too_large",
		"The file is larger than the box takes.", "Split it, or save it in a smaller format, and try again.", nil).
		With("limit_bytes", limit)
}
