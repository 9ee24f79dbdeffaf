package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

// Deleting a source that is made anew deletes what was to take its place too,
// and what was given up before.
func TestDeletedSourceTakesItsSuccessorsAlong(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	src := addReady(t, s, org, "book", "The first words of the book.")
	for _, text := range []string{"given up before", "still in work"} {
		if src = must[appliance.Source](t)(s.ReadAgain(ctx, org, src.ID)); src.Update == nil {
			t.Fatal("it is not made anew")
		}
		job := claim(t, s)
		process(t, s, job, text)
		if err := s.SaveParts(ctx, job, appliance.Part{Key: "p1", Data: []byte(text)}); err != nil {
			t.Fatal(err)
		}
		if text == "given up before" {
			if err := s.write(ctx, func(t *tx) error { return dropUpdate(t, org, src.Update) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, _, err := s.DeleteSource(ctx, org, src.ID); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"source", "part", "chunk", "chunk_vec", "job"} {
		var left int
		if err := s.read(ctx, func(r *tx) error { return r.QueryRow(`SELECT count(*) FROM ` + table).Scan(&left) }); err != nil || left > 0 {
			t.Errorf("%d left in %s: %v", left, table, err)
		}
	}
}

// A source that was read by a version that kept no parts is read again, also
// where only its chunks were to be made anew.
func TestSourceWithoutPartsIsReadAgain(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	for _, kept := range []bool{true, false} {
		src := addReady(t, s, org, fmt.Sprint("recording ", kept), "What was said.")
		if !kept {
			if err := s.write(ctx, func(t *tx) error {
				_, err := t.Exec(`DELETE FROM part WHERE org_id = ? AND source_id = ?`, org, src.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		for _, language := range []string{"rw", ""} {
			must[appliance.Source](t)(s.EditSource(ctx, org, src.ID, appliance.SourceChange{Language: &language}))
		}
		want := appliance.StageRead
		if kept {
			want = appliance.StageChunk
		}
		if job := claim(t, s); job.Stage != want || job.Source.Replaces != src.ID {
			t.Errorf("parts kept %t: made anew from %q, want %q", kept, job.Stage, want)
		}
	}
}

// What a teacher says of the language while the box works stays.
func TestToldLanguageOutlivesTheWork(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	src := addSource(t, s, org, "book")
	job := claim(t, s)
	told := "rw"
	must[appliance.Source](t)(s.EditSource(ctx, org, src.ID, appliance.SourceChange{Language: &told}))
	process(t, s, job, "Amazi")
	job.Source.Language = "en" // what was detected
	if err := s.FinishJob(ctx, job, job.Source); err != nil {
		t.Fatal(err)
	}
	src = must[appliance.Source](t)(s.Source(ctx, org, whole, src.ID))
	chunks := must[appliance.Page[appliance.Chunk]](t)(s.Chunks(ctx, org, whole, src.ID, 0, 10)).Items
	if src.Language != told || len(chunks) != 1 || chunks[0].Language != told {
		t.Errorf("%q, %+v", src.Language, chunks)
	}
}

// What was said where stays found when all pages have moved and changed.
func TestChangedChunksAreFoundAfterMoving(t *testing.T) {
	s := open(t)
	texts := make([]string, 300)
	for i := range texts {
		texts[i] = fmt.Sprintf("Clay number %d dries for %d days beside wall %d", i, i*7, i)
	}
	src := addReady(t, s, org, "notes", texts...)
	must[appliance.Source](t)(s.ReadAgain(t.Context(), org, src.ID))
	job := claim(t, s)
	made := make([]string, 100, 400)
	for i := range made {
		made[i] = fmt.Sprint("A new word ", i)
	}
	for i, text := range texts {
		if i%2 > 0 {
			text += " and more"
		}
		made = append(made, text)
	}
	process(t, s, job, made...)
	if err := s.write(t.Context(), func(t *tx) error { // without pages
		_, err := t.Exec(`UPDATE chunk SET place = '{}' WHERE org_id = ?`, org)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	m := must[remade](t)(s.mapChunks(t.Context(), job))
	for i, to := range m.to {
		if to != i+100 {
			t.Fatalf("chunk %d has become %d, want %d", i, to, i+100)
		}
	}
}

// When a page is mended, answers lose the words that are nowhere any more, and
// keep the others until the source goes.
func TestMendedWordsLeaveAnswers(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	src := addReady(t, s, org, "Biology", "Name | Age", "Plants make sugar from light, water and air by day. They need no soil to grow in at all.")
	answer := func(id, text string, chunk int64) {
		ask(t, s, appliance.Question{ID: id, Text: "How?"})
		if _, err := s.SaveAnswer(ctx, org, "", id, appliance.Answer{ResponseText: text,
			Citations: []appliance.Citation{{Number: 1, ChunkID: chunk, SourceID: src.ID}}}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(id, want string) {
		t.Helper()
		if _, a, err := s.Answer(ctx, org, "", id); err != nil || a.ResponseText != want {
			t.Errorf("%s: %q, want %q: %v", id, a.ResponseText, want, err)
		}
	}
	answer("q", "It says “plants make sugar from light, water and air by day” and “they need no soil to grow in at all”.", 2)
	answer("table", "Name: Amina · Age: 12 [1].", 1)
	remake := func(texts ...string) {
		t.Helper()
		must[appliance.Source](t)(s.ReadAgain(ctx, org, src.ID))
		job := claim(t, s)
		process(t, s, job, texts...)
		if err := s.FinishJob(ctx, job, job.Source); err != nil {
			t.Fatal(err)
		}
	}
	// The second sentence has passed to the next chunk, which is not cited.
	remake("Name | Age", "Plants make sugar from light, water and air by day.", "They need no soil to grow in at all.")
	is("q", "It says “plants make sugar from light, water and air by day” and “they need no soil to grow in at all”.")
	remake("Name | Age", "Plants make sugar from light, water and air by day.", "Trees need much soil.")
	is("q", "It says “plants make sugar from light, water and air by day” and “[…]”.")
	is("table", "Name: Amina · Age: 12 [1].")
	if _, _, err := s.DeleteSource(ctx, org, src.ID); err != nil {
		t.Fatal(err)
	}
	is("q", "It says “[…]” and “[…]”.")
	is("table", "[…]")
	if _, a, _ := s.Answer(ctx, org, "", "q"); strings.Contains(a.Citations[0].Text, "sugar") {
		t.Error("the citation has its text")
	}
}
