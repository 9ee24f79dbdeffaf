package extract

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/mail"
	"path"
	"regexp"
	"strings"

	mime "github.com/emersion/go-message"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/transform"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/codepage"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
)

const (
	// maxMailDepth bounds parts within parts: each level reads all that is below it.
	maxMailDepth = 16
	// maxMailParts bounds the parts of one mail or saved page.
	maxMailParts = 5000
	// maxMailHeader bounds the head of a mail and of each of its parts.
	maxMailHeader = 256 << 10
	// maxHeldPlain is how much of a mail's plain form waits for one with form.
	maxHeldPlain = 1 << 20
	// maxAttachment bounds an attachment that is read, which is held in memory.
	maxAttachment = 32 << 20
	// maxWithin bounds files within files.
	maxWithin = 2
)

func init() {
	mime.CharsetReader = charset.NewReaderLabel
}

// mailHeader is a line of a mail's head.
var mailHeader = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]{1,60}):(?:[ \t]|$)`)

// looksLikeMail finds the head of a mail or of a page that a browser saved as
// one file. page is true for the latter.
func looksLikeMail(head []byte) (mail, page bool) {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), "\r\n")
	seen := map[string]string{}
	last := ""
	for i := 0; i < 500 && len(head) > 0; i++ {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		head = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			break
		}
		if i == 0 && bytes.HasPrefix(line, []byte("From ")) { // of a mailbox
			continue
		}
		if last != "" && (line[0] == ' ' || line[0] == '\t') {
			seen[last] += string(line)
			continue
		}
		m := mailHeader.FindSubmatch(line)
		if m == nil {
			if len(head) == 0 && len(rest) == 0 { // cut off where we stopped looking
				break
			}
			return false, false
		}
		last = strings.ToLower(string(m[1]))
		seen[last] = strings.ToLower(string(line[len(m[1])+1:]))
	}
	from, isMail := seen["from"]
	_, version := seen["mime-version"]
	kind, typed := seen["content-type"]
	others := 0
	for _, name := range []string{"subject", "date", "to", "received", "message-id", "return-path", "cc", "reply-to"} {
		if _, ok := seen[name]; ok {
			others++
		}
	}
	switch {
	case version && typed && strings.Contains(kind, "multipart/related") && (!isMail || strings.Contains(from, "saved by")):
		return true, true
	case version && typed, isMail && others > 0 && (others > 1 || version || typed):
		return true, false
	}
	return false, false
}

// readMail reads a mail, or a page that a browser saved as one file.
func readMail(j *job) error {
	return readMHTML(j, io.NewSectionReader(j.file, 0, j.size))
}

// readMHTML reads a page saved as one file, or a mail: what it says, in the form
// that has most form, and the documents that are attached.
func readMHTML(j *job, r io.Reader) error {
	f := &flow{out: j.out}
	err := mhtmlInto(j, f, r)
	if endErr := f.end(); endErr != nil {
		return endErr
	}
	return err
}

// mhtmlInto reads a saved page or a mail into a flow.
func mhtmlInto(j *job, f *flow, r io.Reader) error {
	m := &mailWalk{job: j, flow: f}
	in := bufio.NewReader(r)
	for {
		c, err := in.Peek(1)
		if err != nil || c[0] != '\r' && c[0] != '\n' && c[0] != 0xef && c[0] != 0xbb && c[0] != 0xbf {
			break
		}
		_, _ = in.Discard(1)
	}
	if start, _ := in.Peek(5); string(start) == "From " { // of a mailbox
		if _, err := in.ReadString('\n'); err != nil {
			return fault.Damaged(err)
		}
	}
	damage := m.message(in, 0)
	if f.err != nil {
		return f.err
	}
	return damage
}

// mailWalk is the walk through a mail's parts.
type mailWalk struct {
	job   *job
	flow  *flow
	parts int
}

// message reads a mail: its head, then its body.
func (m *mailWalk) message(r io.Reader, depth int) error {
	e, err := mime.ReadWithOptions(r, &mime.ReadOptions{MaxHeaderBytes: maxMailHeader})
	if e == nil {
		return fault.Damaged(err)
	}
	from := headerText(e, "From")
	if from != "" && !strings.Contains(strings.ToLower(from), "saved by") {
		if subject := headerText(e, "Subject"); subject != "" {
			m.flow.heading(float64(depth)/100, subject)
		}
		head := "From: " + from
		if date, err := mail.ParseDate(e.Header.Get("Date")); err == nil {
			head += "\nDate: " + date.Format("2006-01-02 15:04")
		}
		m.flow.para(head)
	}
	_, err = m.entity(e, depth)
	return err
}

func headerText(e *mime.Entity, name string) string {
	text, err := e.Header.Text(name)
	if err != nil {
		text = e.Header.Get(name)
	}
	return clean.Clip(clean.Line(text), 300)
}

// entity reads a part. text is true if it was running text. An error other than
// the flow's is damage, of which the rest does not know.
func (m *mailWalk) entity(e *mime.Entity, depth int) (text bool, err error) {
	if m.flow.err != nil {
		return false, m.flow.err
	}
	if m.parts++; m.parts > maxMailParts || depth > maxMailDepth {
		m.flow.out.count("embedded_lost", 1)
		return false, nil
	}
	kind, params, _ := e.Header.ContentType()
	if kind == "" {
		kind = "text/plain"
	}
	disposition, named, _ := e.Header.ContentDisposition()
	name := named["filename"]
	if name == "" {
		name = params["name"]
	}
	name = clean.Clip(clean.Line(path.Base(strings.ReplaceAll(decodeWords(name), `\`, "/"))), 200)
	switch {
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		return m.multipart(e, kind, depth)
	case kind == "message/rfc822":
		return true, m.message(e.Body, depth+1)
	case disposition == "attachment", kind != "text/html" && kind != "text/plain" && kind != "application/xhtml+xml":
		return false, m.attachment(e, kind, disposition, name)
	case kind == "text/plain":
		return true, m.plain(e.Body)
	}
	return true, m.html(e)
}

func decodeWords(s string) string {
	h := mime.Header{}
	h.Set("X", s)
	if text, err := h.Text("X"); err == nil {
		return text
	}
	return s
}

// multipart reads the parts: of alternatives the one with most form, of related
// ones the page to which the others belong.
func (m *mailWalk) multipart(e *mime.Entity, kind string, depth int) (text bool, err error) {
	parts := e.MultipartReader()
	alternative, related := kind == "multipart/alternative", kind == "multipart/related"
	_, params, _ := e.Header.ContentType()
	root := strings.Trim(params["start"], "<>")
	var held []byte
	var damage error
	for m.flow.err == nil {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if p == nil {
			damage = errors.Join(damage, err)
			break
		}
		partKind, _, _ := p.Header.ContentType()
		switch {
		case alternative && partKind == "text/plain" && !text:
			if held, err = io.ReadAll(io.LimitReader(p.Body, maxHeldPlain)); err != nil {
				damage = errors.Join(damage, err)
			}
			continue
		case alternative && text, // said already, better
			alternative && !strings.HasPrefix(partKind, "multipart/") && partKind != "text/html":
			m.parts++
			continue
		case related && (text || root != "" && root != strings.Trim(p.Header.Get("Content-Id"), "<>")):
			root = m.waits(root, p)
			if text || root != "" {
				m.parts++
				continue
			}
		}
		before := m.out()
		_, err = m.entity(p, depth+1)
		damage = errors.Join(damage, err)
		text = text || m.out() > before
		if m.parts > maxMailParts {
			break
		}
	}
	if alternative && !text && len(bytes.TrimSpace(held)) > 0 {
		text = true
		damage = errors.Join(damage, m.plain(bytes.NewReader(held)))
	}
	return text, damage
}

// waits gives up waiting for the part that is said to be the page when another
// page comes: the names may not fit.
func (m *mailWalk) waits(root string, p *mime.Entity) string {
	if kind, _, _ := p.Header.ContentType(); kind == "text/html" {
		return ""
	}
	return root
}

// out is how much text there is so far.
func (m *mailWalk) out() int64 { return m.flow.out.text + int64(m.flow.text.Len()) }

// known makes the text of a part UTF-8, if its head did not say how.
func known(e *mime.Entity) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(e.Body, 64<<10)
	_, params, _ := e.Header.ContentType()
	if label := params["charset"]; label != "" {
		if c, _ := charset.Lookup(label); c != nil {
			return in, nil // turned already
		}
	}
	head, err := in.Peek(32 << 10)
	if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return in, err
	}
	if declared := declaredEncoding(head[:min(len(head), 1024)]); declared != nil {
		return bufio.NewReader(transform.NewReader(in, declared.NewDecoder())), nil
	}
	c, err := codepage.Of(head, err != nil) // an error: that is all
	if err != nil {
		return in, fault.NotText(err)
	}
	return bufio.NewReader(c.Reader(in)), nil
}

func (m *mailWalk) html(e *mime.Entity) error {
	in, err := known(e)
	if err != nil {
		return err
	}
	return (&htmlWalk{flow: m.flow}).walk(in)
}

// plain reads running text.
func (m *mailWalk) plain(r io.Reader) error {
	var para paragraph
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), 64<<10)
	lines.Split(scanLines)
	for lines.Scan() && m.flow.err == nil {
		line := lines.Text()
		if strings.TrimSpace(line) == "" {
			para.end(m.flow)
			continue
		}
		para.add(m.flow, line)
	}
	para.end(m.flow)
	return lines.Err()
}

// attachment tells what is attached, and reads it if it is a document.
func (m *mailWalk) attachment(e *mime.Entity, kind, disposition, name string) error {
	if disposition != "attachment" && (e.Header.Get("Content-Id") != "" || kind == "text/css" || kind == "application/pgp-signature") {
		return nil // belongs to the page: pictures are counted where they are shown
	}
	if name == "" || name == "." {
		name = kind
	}
	m.flow.para("[attachment: " + name + "]")
	m.flow.flush()
	if m.flow.err != nil {
		return m.flow.err
	}
	data, err := io.ReadAll(io.LimitReader(e.Body, maxAttachment+1))
	if err != nil && len(data) == 0 || len(data) > maxAttachment {
		m.flow.out.count("embedded_lost", 1)
		return nil
	}
	switch err := m.job.embedded(data, name, path.Ext(name), m.flow); {
	case errors.Is(err, errTextLimit):
		return err
	case err != nil:
		m.flow.out.count("embedded_lost", 1)
	default:
		m.flow.out.count("embedded", 1)
	}
	return nil
}
