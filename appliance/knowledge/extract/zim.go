package extract

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/transform"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/zimfile"
)

// zimQuery is what is wanted of an archive.
type zimQuery struct {
	Survey bool                       `json:"survey,omitempty"` // only what it holds, and a sample
	Select appliance.ArchiveSelection `json:"select"`
}

const (
	// maxArticle is how much HTML of one article is read; one with more counts as
	// unreadable, and what was read of it stays.
	maxArticle = 4 << 20
	// maxSelected bounds the articles taken from one archive: 12 bytes each.
	maxSelected = 10_000_000
	// maxCategories is how many categories a survey names.
	maxCategories = 500
	// sampleSize is how many articles a survey reads to guess at the rest.
	sampleSize = 40
	// lifeEvery is how many entries are looked at between two signs of life.
	lifeEvery = 50_000
)

// zimRef is an article: where it lies, and which entry it is.
type zimRef struct{ cluster, blob, index uint32 }

// readZIM reads the articles of an archive that were asked for, in the order in
// which they lie in it: a cluster is inflated once. j.from counts them from 1.
func readZIM(j *job) error {
	z, err := zimfile.Open(zimfile.NewCache(j.file, j.size), j.size)
	if err != nil {
		return err
	}
	s := &zimSurvey{z: z, job: j}
	if err := s.walk(); err != nil {
		return err
	}
	if j.zim.Survey {
		return s.tell()
	}
	info := infoOf(formatZIM)
	info.Pages = len(s.chosen)
	if err := j.out.info(info); err != nil {
		return err
	}
	a := &zimArticles{z: z, out: j.out}
	first := max(j.from-1, 0)
	for n, ref := range s.chosen[min(first, len(s.chosen)):] {
		if err := j.out.working(first+n+1, len(s.chosen)); err != nil {
			return err
		}
		if err := a.read(ref); err != nil {
			return err
		}
	}
	j.out.count("articles", len(s.chosen)-first-a.bad)
	if a.bad > 0 {
		return j.out.notice(fault.NoticeArticlesUnreadable(a.bad, len(s.chosen)))
	}
	return nil
}

// zimArticles reads articles in the order of their places.
type zimArticles struct {
	z       *zimfile.File
	out     *sink
	cluster *zimfile.Cluster // open
	number  uint32           // of it
	broken  bool             // it cannot be read any further
	bad     int              // articles that could not be read
}

// read sends an article's text. Only an error of the sink is one; what is wrong
// with the archive is counted.
func (a *zimArticles) read(ref zimRef) error {
	e, err := a.z.Entry(ref.index)
	if err == nil {
		err = a.blob(ref, func(r io.Reader) error { return a.article(e, r) })
	}
	switch {
	case errors.Is(err, errSink):
		return errors.Unwrap(err)
	case err != nil:
		if a.bad++; a.bad <= 10 {
			fmt.Fprintf(os.Stderr, "extract: article %d: %v\n", ref.index, err)
		}
	}
	return nil
}

func (a *zimArticles) blob(ref zimRef, f func(io.Reader) error) (err error) {
	if a.cluster == nil && !a.broken || a.number != ref.cluster {
		a.number = ref.cluster
		a.cluster, err = a.z.OpenCluster(ref.cluster)
		a.broken = err != nil
	}
	if a.broken {
		return errors.Join(zimfile.ErrCluster, err)
	}
	err = a.cluster.Blob(ref.blob, f)
	if errors.Is(err, zimfile.ErrCluster) || errors.Is(err, io.ErrUnexpectedEOF) {
		a.broken = true // what follows it is lost as well
	}
	return err
}

// errSink marks that nobody listens any more.
var errSink = errors.New("extract: the sink is closed")

type sinkError struct{ error }

func (sinkError) Is(target error) bool { return target == errSink }
func (e sinkError) Unwrap() error      { return e.error }

// article sends a page as sections below its title, read as every other page of
// HTML is.
func (a *zimArticles) article(e zimfile.Entry, r io.Reader) error {
	most := &io.LimitedReader{R: r, N: maxArticle}
	in := bufio.NewReader(most)
	head, err := in.Peek(1024)
	if err != nil && err != io.EOF {
		return err
	}
	var text io.Reader = in
	if declared := declaredEncoding(head); declared != nil {
		text = transform.NewReader(in, declared.NewDecoder())
	}
	title := clean.Clip(clean.Line(strings.ToValidUTF8(e.Title, "")), 200)
	f := &flow{out: a.out}
	f.at(appliance.Place{Article: title})
	if title != "" {
		f.heading(htmlTop+1, title)
		f.headings[len(f.headings)-1].used = true // the page may hold a picture only
	}
	h := &htmlWalk{flow: f, chapter: title}
	damage := h.walk(text)
	if err := f.end(); err != nil {
		return sinkError{err}
	}
	if damage == nil && most.N <= 0 {
		damage = fmt.Errorf("zim: more than %d bytes of HTML", maxArticle)
	}
	return damage
}

// zimSurvey finds out what an archive holds and which articles were asked for.
type zimSurvey struct {
	z       *zimfile.File
	job     *job
	archive appliance.Archive
	front   bitset // entries that are articles, nil where every page is
	chosen  []zimRef
	listed  bitset // entries that are chosen
	wanted  []zimfile.Entry
}

// walk looks at every entry once.
func (s *zimSurvey) walk() error {
	z := s.z
	if front := newBitset(z.Entries); z.FrontArticles(front.set) {
		s.front = front
	}
	s.listed = newBitset(z.Entries)
	prefixes := folded(s.job.zim.Select.Prefixes)
	categories := folded(s.job.zim.Select.Categories)
	whole := len(prefixes)+len(categories) == 0
	for i := range z.Entries {
		if i%lifeEvery == 0 {
			if err := s.job.out.working(0, 0); err != nil {
				return err
			}
		}
		e, err := z.Entry(i)
		if err != nil {
			if s.archive.Broken++; s.archive.Broken > 1000 && s.archive.Broken > int(i/2) {
				return fault.Damaged(fmt.Errorf("zim: %d of %d entries are broken", s.archive.Broken, i))
			}
			continue
		}
		s.archive.Entries++
		if name, ok := categoryOf(e); ok && s.z.IsPage(e) {
			s.archive.CategoryCount++
			if len(s.archive.Categories) < maxCategories {
				s.archive.Categories = append(s.archive.Categories, name)
			}
			if slices.Contains(categories, fold(name)) {
				s.wanted = append(s.wanted, e)
			}
			continue
		}
		if !s.count(e) {
			continue
		}
		if whole || hasAnyPrefix(fold(e.Title), prefixes) {
			if err := s.choose(e); err != nil {
				return err
			}
		}
	}
	if s.archive.Entries == 0 {
		return fault.Damaged(fmt.Errorf("zim: all %d entries are broken", z.Entries))
	}
	if err := s.members(); err != nil {
		return err
	}
	s.sort()
	return nil
}

// count notes what an entry is, and reports whether it is an article.
func (s *zimSurvey) count(e zimfile.Entry) bool {
	family, _, _ := strings.Cut(e.Mime, "/")
	switch {
	case e.Redirect:
		if e.Space == 'A' || e.Space == 'C' {
			s.archive.Redirects++
		}
	case s.isArticle(e):
		s.archive.Articles++
		return true
	case family == "image" && e.Space != 'M':
		s.archive.Pictures++
	case family == "audio" || family == "video":
		s.archive.Media++
	default:
		s.archive.Others++
	}
	return false
}

// notArticles are pages of a wiki about itself.
var notArticles = []string{"template:", "module:", "mediawiki:", "file:", "talk:", "user:", "special:"}

func (s *zimSurvey) isArticle(e zimfile.Entry) bool {
	return s.z.IsPage(e) && (s.front == nil || s.front.has(e.Index)) && !hasAnyPrefix(strings.ToLower(e.Path), notArticles)
}

func (s *zimSurvey) choose(e zimfile.Entry) error {
	if s.listed.has(e.Index) {
		return nil
	}
	if len(s.chosen) >= maxSelected {
		return fault.TooComplex(fmt.Errorf("zim: more than %d articles", maxSelected))
	}
	s.listed.set(e.Index)
	s.chosen = append(s.chosen, zimRef{cluster: e.Cluster, blob: e.Blob, index: e.Index})
	return nil
}

// sort keeps the first articles that are wanted, in the order of their names,
// and puts them into the order of their places. Two names of one place are one
// article.
func (s *zimSurvey) sort() {
	slices.SortFunc(s.chosen, func(a, b zimRef) int { return cmp.Compare(a.index, b.index) })
	if first := s.job.zim.Select.First; first > 0 && len(s.chosen) > first {
		s.chosen = s.chosen[:first]
	}
	slices.SortFunc(s.chosen, func(a, b zimRef) int {
		return cmp.Or(cmp.Compare(a.cluster, b.cluster), cmp.Compare(a.blob, b.blob), cmp.Compare(a.index, b.index))
	})
	s.chosen = slices.CompactFunc(s.chosen, func(a, b zimRef) bool { return a.cluster == b.cluster && a.blob == b.blob })
}

// tell says what the archive is and what a sample of the chosen articles costs.
func (s *zimSurvey) tell() error {
	a := &s.archive
	for name, to := range map[string]*string{
		"Title": &a.Title, "Description": &a.Description, "Language": &a.Language, "Creator": &a.Creator,
		"Publisher": &a.Publisher, "License": &a.License, "Date": &a.Date,
	} {
		*to = clean.Clip(s.z.Meta(name), 500)
	}
	said := appliance.ArchiveSample{Selected: len(s.chosen)}
	began := time.Now()
	var sections lineCounter
	counter := newSink(&sections, 1<<40)
	sample := &zimArticles{z: s.z, out: counter}
	for n := range min(sampleSize, len(s.chosen)) {
		if err := s.job.out.working(0, 0); err != nil {
			return err
		}
		if err := sample.read(s.chosen[n*len(s.chosen)/min(sampleSize, len(s.chosen))]); err != nil {
			return err
		}
		said.Articles++
	}
	_ = counter.w.Flush() // it counts
	said.Sections = int(sections)
	said.Text, said.Seconds = counter.text, time.Since(began).Seconds()
	if want, short := s.z.Cut(); short {
		if err := s.job.out.notice(fault.NoticeArchiveCut(s.job.size, want)); err != nil {
			return err
		}
	}
	if a.Articles == 0 {
		return fault.NoText()
	}
	if said.Articles > 0 && sample.bad == said.Articles {
		return fault.Damaged(fmt.Errorf("zim: none of %d articles can be read", sample.bad))
	}
	return s.job.out.say(message{Archive: &archiveMessage{*a, said}})
}

// lineCounter counts the lines that are written to it: a sink's sections.
type lineCounter int

func (c *lineCounter) Write(p []byte) (int, error) {
	*c += lineCounter(bytes.Count(p, []byte{'\n'}))
	return len(p), nil
}

// categoryWords begin the names of the pages that list a category, in the
// languages of the wikis that schools here get.
var categoryWords = []string{"category:", "catégorie:", "categorie:", "jamii:", "icyiciro:", "ikiciro:", "kategorie:",
	"categoría:", "categoria:"}

// categoryOf is the name of the category that a page lists.
func categoryOf(e zimfile.Entry) (name string, ok bool) {
	if e.Space != 'A' && e.Space != 'C' || e.Redirect {
		return "", false
	}
	lower := strings.ToLower(e.Path)
	for _, word := range categoryWords {
		if strings.HasPrefix(lower, word) {
			return clean.Clip(clean.Line(strings.ReplaceAll(e.Path[len(word):], "_", " ")), 200), true
		}
	}
	return "", false
}

const (
	maxCategoryDepth = 4
	maxCategoryPages = 5000
)

// members chooses the articles that the wanted categories list, and those of
// the categories below them.
func (s *zimSurvey) members() error {
	seen := map[uint32]bool{}
	level := s.wanted
	for depth := 0; depth < maxCategoryDepth && len(level) > 0; depth++ {
		var next []zimfile.Entry
		for _, page := range level {
			if seen[page.Index] || len(seen) >= maxCategoryPages {
				continue
			}
			seen[page.Index] = true
			if err := s.job.out.working(0, 0); err != nil {
				return err
			}
			links, err := linksOf(s.z, page)
			if err != nil {
				fmt.Fprintln(os.Stderr, "extract: category:", err)
				continue
			}
			for _, link := range links {
				e, ok := s.z.Find(page.Space, link)
				if !ok {
					continue
				}
				if e, err = s.z.Resolve(e); err != nil {
					continue
				}
				if _, isCategory := categoryOf(e); isCategory {
					next = append(next, e)
				} else if s.isArticle(e) {
					if err := s.choose(e); err != nil {
						return err
					}
				}
			}
		}
		level = next
	}
	return nil
}

// linksOf are the addresses that a page links to.
func linksOf(z *zimfile.File, page zimfile.Entry) (list []string, err error) {
	c, err := z.OpenCluster(page.Cluster)
	if err != nil {
		return nil, err
	}
	err = c.Blob(page.Blob, func(r io.Reader) error {
		t := html.NewTokenizer(io.LimitReader(r, maxArticle))
		t.SetMaxBuf(maxHTMLToken)
		for {
			switch t.Next() {
			case html.ErrorToken:
				if t.Err() != io.EOF {
					return t.Err()
				}
				return nil
			case html.StartTagToken:
				name, more := t.TagName()
				for key, value := []byte(nil), []byte(nil); more && atom.Lookup(name) == atom.A; {
					key, value, more = t.TagAttr()
					if bytes.Equal(key, []byte("href")) {
						if link := z.Linked(page, string(value)); link != "" {
							list = append(list, link)
						}
					}
				}
			}
		}
	})
	return list, err
}

// fold makes titles comparable.
func fold(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", " ")) }

func folded(list []string) (out []string) {
	for _, s := range list {
		if s = fold(strings.TrimSpace(s)); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func hasAnyPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(n uint32) bitset { return make(bitset, (int(n)+bits.UintSize-1)/64) }

func (b bitset) set(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) has(i uint32) bool { return b[i/64]&(1<<(i%64)) != 0 }
