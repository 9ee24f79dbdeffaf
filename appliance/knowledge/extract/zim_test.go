package extract

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/zimfile"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// marovia is what testdata/make_zim.py makes with libzim.
func marovia(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/marovia.zim")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// zimHeader is how many bytes stand before an archive's lists.
const zimHeader = 80

// page is an entry of an archive that a test makes.
type page struct {
	space       byte
	path, title string
	mime        string // empty for a redirect
	content     string
	cluster     int
	to          string // of a redirect
}

// makeZIM writes an archive with pack as the compression of its clusters. As old
// writers did, it puts the lists before the clusters, so that an archive that is
// cut still has them.
func makeZIM(t testing.TB, version, pack byte, pages ...page) []byte {
	t.Helper()
	slices.SortFunc(pages, func(a, b page) int {
		return strings.Compare(string(a.space)+a.path, string(b.space)+b.path)
	})
	var mimes []string
	blobs := map[int][]string{}
	var entries [][]byte
	le := binary.LittleEndian
	for _, p := range pages {
		var b []byte
		if p.mime == "" {
			target := slices.IndexFunc(pages, func(q page) bool { return q.space == p.space && q.path == p.to })
			b = le.AppendUint16(b, 0xffff)
			b = append(b, 0, p.space, 0, 0, 0, 0)
			b = le.AppendUint32(b, uint32(target))
		} else {
			mime := slices.Index(mimes, p.mime)
			if mime < 0 {
				mime, mimes = len(mimes), append(mimes, p.mime)
			}
			b = le.AppendUint16(b, uint16(mime))
			b = append(b, 0, p.space, 0, 0, 0, 0)
			b = le.AppendUint32(b, uint32(p.cluster))
			b = le.AppendUint32(b, uint32(len(blobs[p.cluster])))
			blobs[p.cluster] = append(blobs[p.cluster], p.content)
		}
		entries = append(entries, append(b, p.path+"\x00"+p.title+"\x00"...))
	}
	var clusters [][]byte
	for i := range len(blobs) {
		at := uint32(4 * (len(blobs[i]) + 1))
		var plain []byte
		for _, blob := range append([]string{""}, blobs[i]...) {
			at += uint32(len(blob))
			plain = le.AppendUint32(plain, at)
		}
		plain = append(plain, strings.Join(blobs[i], "")...)
		clusters = append(clusters, append([]byte{pack}, packed(t, pack, plain)...))
	}
	mimeList := strings.Join(mimes, "\x00") + "\x00\x00"
	paths := zimHeader + len(mimeList)
	clusterList := paths + 8*len(entries)
	at := uint64(clusterList + 8*len(clusters))
	out := append([]byte(nil), zimfile.Magic...)
	out = append(out, 6, 0, version, 0)
	out = append(out, make([]byte, 16)...)
	out = le.AppendUint32(out, uint32(len(entries)))
	out = le.AppendUint32(out, uint32(len(clusters)))
	out = le.AppendUint64(out, uint64(paths))
	out = le.AppendUint64(out, uint64(paths))
	out = le.AppendUint64(out, uint64(clusterList))
	out = le.AppendUint64(out, zimHeader)
	out = append(out, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	end := at
	for _, b := range append(entries, clusters...) {
		end += uint64(len(b))
	}
	out = le.AppendUint64(out, end)
	out = append(out, mimeList...)
	for _, list := range [][][]byte{entries, clusters} {
		for _, b := range list {
			out = le.AppendUint64(out, at)
			at += uint64(len(b))
		}
	}
	out = append(out, bytes.Join(append(entries, clusters...), nil)...)
	return append(out, make([]byte, 16)...)
}

func packed(t testing.TB, pack byte, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	switch pack {
	case 4:
		w, err := xz.WriterConfig{DictCap: 1 << 20}.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(plain)
		w.Close()
	case 5:
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(plain)
		w.Close()
	default:
		return plain
	}
	return b.Bytes()
}

// words is an article of some length about something that no other article says.
func words(n int) page {
	return page{space: 'C', path: fmt.Sprintf("Village_%02d", n), title: fmt.Sprintf("Village %02d", n), mime: "text/html",
		content: fmt.Sprintf("<p>The well of village %02d is %d metres deep.</p>", n, 30+n), cluster: n / 10}
}

func villages(count int) (pages []page) {
	for n := range count {
		pages = append(pages, words(n))
	}
	return pages
}

// archived is everything that came out of an archive, read as the box reads it.
type archived struct {
	found
	progress []Progress
}

func readArchive(t *testing.T, data []byte, sel appliance.ArchiveSelection, from int) (f archived) {
	t.Helper()
	f.Result, f.err = testReader().ReadArchive(context.Background(),
		ArchiveJob{File: bytes.NewReader(data), Size: int64(len(data)), WorkDir: t.TempDir(), Select: sel, From: from}, nil,
		func(s appliance.Section, p Progress) error {
			f.sections, f.progress = append(f.sections, s), append(f.progress, p)
			return nil
		})
	return f
}

func surveyOf(t *testing.T, data []byte, sel appliance.ArchiveSelection) (appliance.Archive, appliance.ArchiveSample, []appliance.Notice, error) {
	t.Helper()
	return testReader().Survey(context.Background(),
		ArchiveJob{File: bytes.NewReader(data), Size: int64(len(data)), WorkDir: t.TempDir(), Select: sel})
}

func titles(f archived) (list []string) {
	for _, s := range f.sections {
		if n := len(list); n == 0 || list[n-1] != s.Place.Article {
			list = append(list, s.Place.Article)
		}
	}
	slices.Sort(list)
	return list
}

func TestArchive(t *testing.T) {
	data := marovia(t)
	if !IsArchive(bytes.NewReader(data)) {
		t.Error("not known by its content")
	}
	f := readArchive(t, data, appliance.ArchiveSelection{}, 1)
	wantText(t, f.found, "Year | Catch (t)", "240 grams")
	if got, want := strings.Join(titles(f), ", "), "Bando, Kilemba tree, Lake Ondera, Marovia"; got != want {
		t.Errorf("articles %q, want %q", got, want)
	}
	fishing := f.section(t, "catch the silver bando")
	if fishing.Heading != "Lake Ondera › Fishing" || fishing.Place.Article != "Lake Ondera" {
		t.Errorf("stands at %+v", fishing)
	}
	if text := f.text(); strings.Contains(text, "no article") || strings.Contains(text, "color: black") {
		t.Errorf("parts of pages and styles are read:\n%s", text)
	}
	again := readArchive(t, data, appliance.ArchiveSelection{}, 3)
	if again.err != nil || len(again.progress) == 0 || again.progress[0].Done < 3 || again.progress[0].Of != f.progress[0].Of {
		t.Errorf("from the third article: %+v, %v", again.progress, again.err)
	}
	if plain := readBytes(t, data); plain.err != nil || plain.text() != f.text() {
		t.Errorf("read as a file: %v", plain.err)
	}
}

// An article is read as any other page is: powers, lists and tables too.
func TestArchiveReadsAsPages(t *testing.T) {
	body := `<p>It holds 3 × 10<sup>8</sup> m<sup>3</sup> of CO<sub>2</sub>.</p><ol start="3"><li>three</li><li>four</li></ol>
		<table><tr><th>Year</th><th colspan="2">Catch</th></tr><tr><td>2019</td><td>412</td><td>5</td></tr></table>`
	in := readArchive(t, makeZIM(t, 1, 5, page{'C', "Lake", "Lake", "text/html", body, 0, ""}), appliance.ArchiveSelection{}, 1)
	alone := readBytes(t, []byte("<html><body>"+body))
	if in.err != nil || alone.err != nil || len(in.sections) != len(alone.sections) {
		t.Fatalf("%d and %d sections, %v, %v", len(in.sections), len(alone.sections), in.err, alone.err)
	}
	for i, s := range in.sections {
		if s.Text != alone.sections[i].Text || (s.Table == nil) != (alone.sections[i].Table == nil) {
			t.Errorf("%q and %q", s.Text, alone.sections[i].Text)
		}
	}
}

func TestArchiveSurvey(t *testing.T) {
	a, sample, notices, err := surveyOf(t, marovia(t), appliance.ArchiveSelection{})
	if err != nil || len(notices) > 0 {
		t.Fatal(err, notices)
	}
	if a.Title != "Little Book of Marovia" || a.Language != "eng" || a.Creator != "The Bwenge authors" || a.License != "CC0" || a.Date != "2026-11-25" {
		t.Errorf("says of itself: %+v", a)
	}
	if a.Articles != 5 || a.Redirects != 1 || a.Pictures != 1 || sample.Selected != 5 || sample.Articles != 5 || sample.Text < 300 {
		t.Errorf("holds %+v, %+v", a, sample)
	}
	if got := strings.Join(a.Categories, ", "); got != "Marovia, Nature" || a.CategoryCount != 2 {
		t.Errorf("categories %q", got)
	}
}

func TestArchiveSelection(t *testing.T) {
	for name, c := range map[string]struct {
		sel  appliance.ArchiveSelection
		want string
	}{
		"category through a redirect": {appliance.ArchiveSelection{Categories: []string{"nature"}}, "Bando, Kilemba tree"},
		"two ways":                    {appliance.ArchiveSelection{Categories: []string{"Nature"}, Prefixes: []string{"mar"}}, "Bando, Kilemba tree, Marovia"},
		"beginning of a title":        {appliance.ArchiveSelection{Prefixes: []string{"Lake "}}, "Lake Ondera"},
		"the first":                   {appliance.ArchiveSelection{First: 1}, "Bando"},
	} {
		t.Run(name, func(t *testing.T) {
			f := readArchive(t, marovia(t), c.sel, 1)
			if got := strings.Join(titles(f), ", "); f.err != nil || got != c.want {
				t.Errorf("%q, %v; want %q", got, f.err, c.want)
			}
			if _, a, _, err := surveyOf(t, marovia(t), c.sel); err != nil || a.Selected != strings.Count(c.want, ",")+1 {
				t.Errorf("the survey counts %d, %v", a.Selected, err)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		_, a, _, err := surveyOf(t, marovia(t), appliance.ArchiveSelection{Prefixes: []string{"zzz"}})
		if err != nil || a.Selected != 0 {
			t.Errorf("%d selected, %v", a.Selected, err)
		}
	})
	t.Run("old archive", func(t *testing.T) {
		f := readArchive(t, makeZIM(t, 0, 4,
			page{'A', "Plants", "", "text/html", "<p>Plants make sugar from light.</p>", 0, ""},
			page{'A', "Rocks", "", "text/html", "<p>Rocks are made of minerals.</p>", 0, ""},
			page{'A', "Category:Life", "", "text/html", "<a href='../A/Green'>g</a>", 0, ""},
			page{'A', "Green", "", "", "", 0, "Plants"},
			page{'M', "Title", "", "text/plain", "Old", 0, ""},
			page{'-', "s.css", "", "text/css", "p{}", 0, ""}), appliance.ArchiveSelection{Categories: []string{"Life"}}, 1)
		if got := strings.Join(titles(f), ", "); f.err != nil || got != "Plants" {
			t.Errorf("%q, %v", got, f.err)
		}
	})
}

func TestArchiveCompressions(t *testing.T) {
	for _, pack := range []byte{1, 4, 5} {
		f := readArchive(t, makeZIM(t, 1, pack, villages(25)...), appliance.ArchiveSelection{}, 1)
		if f.err != nil || len(f.sections) != 25 {
			t.Errorf("compression %d: %d sections, %v", pack, len(f.sections), f.err)
		}
	}
	data := makeZIM(t, 1, 2, villages(3)...)
	wantProblem(t, readArchive(t, data, appliance.ArchiveSelection{}, 1).found, problem.Unreadable, "no_text")
}

// Two names of one text, and names of names, are one article.
func TestArchiveNothingTwice(t *testing.T) {
	data := makeZIM(t, 1, 5, append(villages(2),
		page{'C', "A", "", "", "", 0, "B"}, page{'C', "B", "", "", "", 0, "A"}, page{'C', "V", "", "", "", 0, "Village_01"})...)
	f := readArchive(t, data, appliance.ArchiveSelection{}, 1)
	if f.err != nil || len(f.sections) != 2 {
		t.Errorf("%d sections, %v", len(f.sections), f.err)
	}
}

func TestArchiveCutInHalf(t *testing.T) {
	t.Run("without its lists", func(t *testing.T) {
		data := marovia(t)
		f := readArchive(t, data[:len(data)/2], appliance.ArchiveSelection{}, 1)
		wantProblem(t, f.found, problem.Unreadable, "archive_cut")
		if _, _, _, err := surveyOf(t, data[:len(data)/2], appliance.ArchiveSelection{}); problem.Of(err).Reason != "archive_cut" {
			t.Error(err)
		}
	})
	t.Run("with its lists", func(t *testing.T) {
		data := makeZIM(t, 1, 5, villages(95)...)
		data = data[:len(data)-len(data)/8]
		_, _, notices, err := surveyOf(t, data, appliance.ArchiveSelection{})
		if err != nil || len(notices) != 1 || notices[0].Code != "archive_short" {
			t.Errorf("the survey says %v, %v", notices, err)
		}
		f := readArchive(t, data, appliance.ArchiveSelection{}, 1)
		n := f.notice("articles_unreadable")
		if f.err != nil || n == nil || len(f.sections) < 40 || len(f.sections)+int(n.Params["count"].(float64)) < 95 {
			t.Errorf("%d sections, %v, %v", len(f.sections), f.Notices, f.err)
		}
	})
	t.Run("anywhere", func(t *testing.T) {
		data := marovia(t)
		for length := 4; length < len(data); length += 997 {
			checkOutput(t, data[:length])
		}
	})
}

func TestHostileArchives(t *testing.T) {
	good := makeZIM(t, 1, 5, villages(30)...)
	with := func(change func(b []byte)) []byte {
		b := bytes.Clone(good)
		change(b)
		return b
	}
	le := binary.LittleEndian
	random := rand.New(rand.NewPCG(1, 2))
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	paths, clusters := le.Uint64(good[32:]), le.Uint64(good[48:])
	for name, data := range map[string][]byte{
		"only the magic":          zimfile.Magic,
		"random after the magic":  append(bytes.Clone(zimfile.Magic), noise(100_000)...),
		"random after the header": append(bytes.Clone(good[:zimHeader]), noise(len(good))...),
		"huge counts":             with(func(b []byte) { le.PutUint64(b[24:], 1<<64-1) }),
		"many entries":            with(func(b []byte) { le.PutUint32(b[24:], 90_000_000) }),
		"no entries":              with(func(b []byte) { le.PutUint32(b[24:], 0) }),
		"lists that overflow":     with(func(b []byte) { le.PutUint64(b[32:], 1<<64-8); le.PutUint64(b[48:], 1<<63) }),
		"entries in themselves":   with(func(b []byte) { le.PutUint64(b[32:], zimHeader) }),
		"entries all at one place": with(func(b []byte) {
			for i := range uint64(30) {
				copy(b[paths+8*i:], b[paths:paths+8])
			}
		}),
		"clusters at the end": with(func(b []byte) { le.PutUint64(b[clusters:], uint64(len(b)-1)) }),
		"a cluster of noise":  with(func(b []byte) { copy(b[le.Uint64(b[clusters:])+1:], noise(100)) }),
		"clusters that overflow": with(func(b []byte) {
			for i := range uint64(3) {
				le.PutUint64(b[clusters+8*i:], 1<<63+i)
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			f := readArchive(t, data, appliance.ArchiveSelection{}, 1)
			if f.err != nil && problem.Of(f.err).Code == problem.Internal {
				t.Errorf("no sentence for a teacher: %v", f.err)
			}
			if f.err == nil && len(f.sections) == 0 {
				t.Error("neither text nor a problem")
			}
			if time.Since(began) > costs*20*time.Second || f.PeakRSS > costs*200<<20 {
				t.Errorf("took %v and %d MB", time.Since(began), f.PeakRSS>>20)
			}
			checkOutput(t, data)
		})
	}

	t.Run("a bomb in each cluster", func(t *testing.T) {
		pages := villages(3)
		for i := range pages {
			pages[i].cluster = i
			pages[i].content = strings.Repeat("<i>", 40<<20/3)
		}
		f := readArchive(t, makeZIM(t, 1, 5, append(pages, page{'C', "Z", "Last", "text/html", "<p>Read all the same.</p>", 3, ""})...),
			appliance.ArchiveSelection{}, 1)
		wantText(t, f.found, "Read all the same.")
		if f.PeakRSS > costs*200<<20 {
			t.Errorf("the child took %d MB", f.PeakRSS>>20)
		}
	})
	t.Run("a dictionary of four gigabytes", func(t *testing.T) {
		data := makeZIM(t, 1, 4, villages(30)...)
		at := le.Uint64(data[le.Uint64(data[48:]):]) + 1
		data[at+12+4] = 40 // stream header, then size, flags, filter, its size
		f := readArchive(t, data, appliance.ArchiveSelection{}, 1)
		if n := f.notice("articles_unreadable"); f.err != nil || n == nil || n.Params["count"] != 10.0 {
			t.Errorf("%v, %v", f.Notices, f.err)
		}
	})
	t.Run("a tower of categories", func(t *testing.T) {
		pages := villages(3)
		for i := range 50 {
			pages = append(pages, page{'C', fmt.Sprintf("Category:C%d", i), "", "text/html",
				fmt.Sprintf("<a href='Category:C%d'>x</a><a href='Category:C0'>x</a><a href='Village_00'>v</a>", (i+1)%50), 0, ""})
		}
		f := readArchive(t, makeZIM(t, 1, 5, pages...), appliance.ArchiveSelection{Categories: []string{"C0"}}, 1)
		if got := strings.Join(titles(f), ", "); f.err != nil || got != "Village 00" {
			t.Errorf("%q, %v", got, f.err)
		}
	})
}

// zim-tools, where they are installed, find the same in an archive.
func TestArchiveSecondOpinion(t *testing.T) {
	tool, err := exec.LookPath("zimdump")
	if err != nil {
		t.Skip("zim-tools, a second opinion that the box itself does not need, are not installed")
	}
	list, err := exec.Command(tool, "list", "testdata/marovia.zim").Output()
	if err != nil {
		t.Fatal(err)
	}
	a, _, _, err := surveyOf(t, marovia(t), appliance.ArchiveSelection{})
	if err != nil {
		t.Fatal(err)
	}
	// They list what stands in the namespace of content alone.
	if want := a.Articles + a.Redirects + a.Pictures + a.CategoryCount + 2; len(strings.Fields(string(list))) != want {
		t.Errorf("zimdump lists %d entries, want %d:\n%s", len(strings.Fields(string(list))), want, list)
	}
	html, err := exec.Command(tool, "show", "--url=Bando", "testdata/marovia.zim").Output()
	if err != nil {
		t.Fatal(err)
	}
	f := readArchive(t, marovia(t), appliance.ArchiveSelection{Prefixes: []string{"Bando"}}, 1)
	if alone := readBytes(t, html); alone.err != nil || f.err != nil || strings.TrimSpace(alone.text()) != strings.TrimSpace(f.text()) {
		t.Errorf("%q and %q, %v, %v", alone.text(), f.text(), alone.err, f.err)
	}
}

// A file that cannot be read, such as one whose seal is broken, is not the
// archive's fault.
func TestArchiveThatCannotBeRead(t *testing.T) {
	data := marovia(t)
	broken := brokenAfter{bytes.NewReader(data), 70 << 10}
	_, err := testReader().ReadArchive(context.Background(), ArchiveJob{File: broken, Size: 1 << 20, WorkDir: t.TempDir()}, nil,
		func(appliance.Section, Progress) error { return nil })
	if err == nil {
		t.Error("no error")
	}
}

type brokenAfter struct {
	*bytes.Reader
	at int64
}

func (b brokenAfter) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.at {
		return 0, fmt.Errorf("the disk is broken at %d", off)
	}
	return b.Reader.ReadAt(p, off)
}

func FuzzZIM(f *testing.F) {
	f.Add(marovia(f))
	f.Add(makeZIM(f, 1, 5, villages(5)...))
	f.Add(makeZIM(f, 0, 4, villages(5)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkOutput(t, append(bytes.Clone(zimfile.Magic), data[min(4, len(data)):]...))
	})
}
