package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"slices"
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
	maxFormFields   = 16      // parts before the file
	maxFormField    = 4000    // bytes of each
	maxFormOverhead = 1 << 20 // what a form may weigh beyond its file
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
			"classes": {Type: huma.TypeString, Description: "Ids of classes with commas between them, before the file; may come more than once. Without it, the material is for the whole school"},
			"same_name": {Type: huma.TypeString, Enum: []any{"ask", "replace", "keep"}, Default: "ask",
				Description: "What to do where there is a file of the same name with other content, which one may change: refuse it and name that one (409, same_name), put this one in its place, or keep both"},
			"folder":  {Type: huma.TypeString, Description: "Where it lies: names joined by /"},
			"subject": {Type: huma.TypeString},
			"grade":   {Type: huma.TypeString},
			"file":    {Type: huma.TypeString, Format: "binary"},
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
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Uploaded{}, errClasses(err)
	}
	file, fields, err := filePart(form)
	if err != nil {
		return Uploaded{}, s.bodyError(err)
	}
	counted := &incoming{r: &lastPart{form: form, part: file}, left: s.cfg.MaxUpload}
	n := appliance.NewFile{Name: file.FileName()}
	if n.Classes, err = classesIn(append(query["classes"], fields["classes"]...)); err != nil {
		return Uploaded{}, err
	}
	n.Folder, n.Subject, n.Grade = last(fields["folder"]), last(fields["subject"]), last(fields["grade"])
	switch n.SameName = appliance.SameName(last(fields["same_name"])); n.SameName {
	case "":
		n.SameName = appliance.SameNameAsk
	case appliance.SameNameAsk, appliance.SameNameKeep, appliance.SameNameReplace:
	default:
		return Uploaded{}, errSameNameField(string(n.SameName))
	}
	src, existed, err := s.material.Add(r.Context(), principalOf(r.Context()), n, counted, r.ContentLength)
	if counted.err != nil {
		// What went wrong is the sender's side, whatever the material made of it.
		return Uploaded{}, s.bodyError(counted.err)
	}
	return Uploaded{src, existed}, err
}

// last is the value of a field that is given once, empty if it is not given.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// formFields are those that a form may have before its file.
var formFields = []string{"classes", "same_name", "folder", "subject", "grade"}

// filePart finds the form's file, and what the fields before it say. A field
// that is not known is refused: whoever sent it expects something of it.
func filePart(form *multipart.Reader) (file *multipart.Part, fields map[string][]string, err error) {
	fields = map[string][]string{}
	for range maxFormFields {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, nil, errForm(errors.New("no file in the form"))
		}
		if err != nil {
			return nil, nil, err
		}
		switch name := part.FormName(); {
		case name == "file" && part.FileName() != "":
			return part, fields, nil
		case name == "file":
			return nil, nil, errForm(errors.New("the file has no name"))
		case !slices.Contains(formFields, name) || part.FileName() != "":
			return nil, nil, errField(name)
		}
		value, err := io.ReadAll(io.LimitReader(part, maxFormField+1))
		if err != nil {
			return nil, nil, err
		}
		if len(value) > maxFormField {
			return nil, nil, errForm(errors.New("a field before the file is too long"))
		}
		fields[part.FormName()] = append(fields[part.FormName()], string(value))
	}
	return nil, nil, errForm(errors.New("too many fields before the file"))
}

// classesIn reads ids by commas. A list without any is no way to say the whole
// school: only leaving it out is.
func classesIn(lists []string) ([]appliance.ClassID, error) {
	var ids []appliance.ClassID
	for _, list := range lists {
		empty := true
		for text := range strings.SplitSeq(list, ",") {
			id := appliance.ClassID(strings.TrimSpace(text))
			if id == "" {
				continue
			}
			empty = false
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		if empty {
			return nil, errClasses(nil)
		}
	}
	return ids, nil
}

// lastPart ends only where its form does: what follows the file would come too
// late to be heeded, so the file is not kept either.
type lastPart struct {
	form *multipart.Reader
	part *multipart.Part
	end  error
}

func (l *lastPart) Read(p []byte) (int, error) {
	if l.end != nil {
		return 0, l.end
	}
	n, err := l.part.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	next, err := l.form.NextPart()
	if err == nil {
		err = errField(next.FormName())
	}
	l.end = err
	return n, err
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

func errField(name string) error {
	return problem.New(problem.Invalid, "upload_field",
		"The form holds a field that the box does not heed.",
		"Send only the file, and before it classes, same_name, folder, subject or grade.", nil).With("field", name)
}

func errSameNameField(value string) error {
	return problem.New(problem.Invalid, "upload_same_name", "The form does not say what to do with a file of the same name.",
		"Say ask, replace or keep.", nil).With("same_name", value)
}

func errClasses(cause error) error {
	return problem.New(problem.Invalid, "upload_classes",
		"The upload names no class that the box can read.",
		"Name the classes by their ids, or leave classes out for the whole school.", cause)
}

func errUploadSize(limit int64) error {
	return problem.New(problem.TooLarge, "file_too_large",
		"The file is larger than the box takes.", "Split it, or save it in a smaller format, and try again.", nil).
		With("limit_bytes", limit)
}
