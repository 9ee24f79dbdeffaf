package sqlite

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Two schools have the same things, each with its own canary in every text. No
// method may give one what is the other's, whatever ids it names.
func TestOrganizationsDoNotMeet(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	const canary = "canarybird"
	addOrg(t, s, "other")

	type school struct {
		org    appliance.OrgID
		src    appliance.Source
		conv   string
		chunks []int64
	}
	fill := func(org appliance.OrgID, mark string) (x school) {
		x.org = org
		x.src = addReady(t, s, org, "Lesson "+mark+".srt", "the plant "+mark, "the light "+mark)
		conv, _, _, err := s.SaveQuestion(ctx, org, "", appliance.Question{ID: "q-" + string(org), Text: "what is " + mark})
		if err != nil {
			t.Fatal(err)
		}
		x.conv = conv.ID
		if _, err := s.SaveAnswer(ctx, org, "", "q-"+string(org), appliance.Answer{ResponseText: "it is " + mark}); err != nil {
			t.Fatal(err)
		}
		for _, c := range must[appliance.Page[appliance.Chunk]](t)(s.Chunks(ctx, org, whole, x.src.ID, 0, 10)).Items {
			x.chunks = append(x.chunks, c.ID)
		}
		return x
	}
	mine, theirs := fill(org, "ours"), fill("other", canary)
	missing := func(err error) {
		t.Helper()
		if problem.CodeOf(err) != problem.NotFound {
			t.Errorf("%v, want not found", err)
		}
	}
	// seen fails the test if anything of theirs shows in a result.
	seen := func(result any, err error) {
		t.Helper()
		if err != nil && problem.CodeOf(err) != problem.NotFound {
			t.Error(err)
		}
		text, jsonErr := json.Marshal(result)
		if jsonErr != nil {
			t.Fatal(jsonErr)
		}
		for _, secret := range []string{canary, theirs.src.ID, theirs.conv} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s shows in %s", secret, text)
			}
		}
	}
	// stolen is a job of ours that names their source.
	stolen := appliance.Job{Org: org, Source: theirs.src, Lease: "guessed"}
	lost := func(err error) {
		t.Helper()
		if problem.Of(err).Reason != "lease_lost" {
			t.Errorf("%v, want a lost lease", err)
		}
	}

	empty := func(n int) {
		t.Helper()
		if n != 0 {
			t.Error(n, "of theirs")
		}
	}

	probes := map[string]func(){
		"AddSource": func() {
			src, existed, err := s.AddSource(ctx, org, appliance.Source{Title: "same", SHA256: theirs.src.SHA256}, nil, appliance.Operator(org))
			if existed || src.ID == theirs.src.ID {
				t.Error("their bytes are known here")
			}
			seen(src, err)
			// Files are stored for each organization apart.
			if _, last, err := s.DeleteSource(ctx, org, src.ID); !last || err != nil {
				t.Error("our file would stay", last, err)
			}
		},
		"Source": func() { src, err := s.Source(ctx, org, whole, theirs.src.ID); missing(err); seen(src, nil) },
		"Sources": func() {
			seen(s.Sources(ctx, org, whole, appliance.SourceFilter{Search: canary}))
			page, err := s.Sources(ctx, org, whole, appliance.SourceFilter{})
			if seen(page, err); page.Total != 1 {
				t.Error("we count", page.Total)
			}
		},
		"CountSources": func() {
			if n := must[map[appliance.Status]int](t)(s.CountSources(ctx, org)); n[appliance.StatusReady] != 1 {
				t.Error(n)
			}
		},
		"DeleteSource": func() { sum, _, err := s.DeleteSource(ctx, org, theirs.src.ID); missing(err); seen(sum, nil) },
		"RetrySource":  func() { src, err := s.RetrySource(ctx, org, theirs.src.ID); missing(err); seen(src, nil) },
		"CancelSource": func() { src, err := s.CancelSource(ctx, org, theirs.src.ID); missing(err); seen(src, nil) },
		"Captions": func() {
			if src, ok, err := s.Captions(ctx, org, theirs.src, strings.TrimSuffix(theirs.src.Title, ".srt")); ok || err != nil {
				t.Error("their subtitles are ours", src.ID, err)
			}
			if src, ok, err := s.Captions(ctx, "other", theirs.src, strings.TrimSuffix(theirs.src.Title, ".srt")); !ok || src.ID != theirs.src.ID {
				t.Error("their subtitles are not theirs", ok, err)
			}
		},
		"TablePieces": func() { seen(s.TablePieces(ctx, org, whole, theirs.src.ID, 1)) },
		"Chunks":      func() { seen(s.Chunks(ctx, org, whole, theirs.src.ID, 0, 10)) },
		"Passages": func() {
			list, err := s.Passages(ctx, org, whole, append(slices.Clone(theirs.chunks), mine.chunks...))
			if seen(list, err); len(list) != len(mine.chunks) {
				t.Error(len(list), "passages")
			}
		},
		"SearchVector": func() {
			hits, err := s.SearchVector(ctx, org, whole, vectorOf("the plant "+canary), 10)
			if err != nil || len(hits) != 2 {
				t.Error(hits, err)
			}
			for _, hit := range hits {
				if slices.Contains(theirs.chunks, hit.ChunkID) {
					t.Error("found theirs")
				}
			}
		},
		"SearchText": func() {
			if hits := must[[]appliance.Hit](t)(s.SearchText(ctx, org, whole, []string{canary, "other"}, 10)); len(hits) != 0 {
				t.Error(hits)
			}
			if hits := must[[]appliance.Hit](t)(s.SearchText(ctx, org, whole, []string{"plant"}, 10)); len(hits) != 1 {
				t.Error(hits)
			}
		},
		"TermCounts": func() {
			n, df, err := s.TermCounts(ctx, org, whole, []string{canary, "plant"})
			if err != nil || n != 2 || !slices.Equal(df, []int{0, 1}) {
				t.Error(n, df, err)
			}
		},
		"SaveQuestion": func() {
			_, _, _, err := s.SaveQuestion(ctx, org, "", appliance.Question{ID: "q-new", ConversationID: theirs.conv, Text: "mine"})
			missing(err)
			// Their question's id is free here.
			conv, msg, existing, err := s.SaveQuestion(ctx, org, "", appliance.Question{ID: "q-other", Text: "mine"})
			if existing != nil || conv.ID == theirs.conv {
				t.Error("their question is known here")
			}
			seen([]any{conv, msg}, err)
		},
		"SaveAnswer": func() {
			_, err := s.SaveAnswer(ctx, org, "", "q-nobody", appliance.Answer{})
			missing(err)
		},
		// It is answered there, and not asked here yet.
		"SaveActions": func() { missing(s.SaveActions(ctx, org, "", "q-other", []appliance.Action{})) },
		"Answer": func() {
			if _, a, _ := s.Answer(ctx, org, "", "q-other"); a != nil {
				seen(a, nil)
			}
		},
		"Conversations": func() {
			seen(s.Conversations(ctx, org, "", "", "", 100))
			seen(s.Conversations(ctx, org, "", canary, "", 100))
		},
		"Conversation": func() {
			c, m, err := s.Conversation(ctx, org, "", theirs.conv)
			missing(err)
			seen([]any{c, m}, nil)
		},
		"DeleteConversation": func() { missing(s.DeleteConversation(ctx, org, "", theirs.conv)) },

		"ExtendLease":  func() { lost(s.ExtendLease(ctx, stolen, time.Hour)) },
		"SaveProgress": func() { lost(s.SaveProgress(ctx, stolen, theirs.src)) },
		"SaveParts":    func() { lost(s.SaveParts(ctx, stolen, appliance.Part{Data: []byte("x")})) },
		"ClearParts":   func() { lost(s.ClearParts(ctx, stolen)) },
		"SaveStage":    func() { lost(s.SaveStage(ctx, stolen, appliance.StageEmbed, theirs.src)) },
		"ReleaseJob":   func() { lost(s.ReleaseJob(ctx, stolen)) },
		"RetryJob":     func() { lost(s.RetryJob(ctx, stolen, 0, false)) },
		"FailJob":      func() { lost(s.FailJob(ctx, stolen, problem.Problem{})) },
		"FinishJob":    func() { lost(s.FinishJob(ctx, stolen, theirs.src)) },
		"AddChunks":    func() { lost(s.AddChunks(ctx, stolen, []appliance.Chunk{{Text: "x"}})) },
		"ClearChunks":  func() { lost(s.ClearChunks(ctx, stolen)) },
		"SaveVectors": func() {
			lost(s.SaveVectors(ctx, stolen, "m", []appliance.Chunk{{ID: theirs.chunks[0], Vector: vectorOf("x")}}))
		},
		"Parts":     func() { seen(s.Parts(ctx, stolen, 0, 10)) },
		"PartOrder": func() { order, err := s.PartOrder(ctx, stolen); seen(order, err); empty(len(order)) },
		"Mended":    func() { parts, err := s.Mended(ctx, stolen, []int{0}); seen(parts, err); empty(len(parts)) },
		"AdoptVectors": func() {
			fork := stolen
			fork.Source.Replaces = theirs.src.ID
			if err := s.AdoptVectors(ctx, fork, "m"); err != nil {
				t.Error(err)
			}
		},
		"TextPages": func() {
			page, err := s.TextPages(ctx, org, whole, theirs.src.ID, appliance.TextFilter{})
			missing(err)
			seen(page, nil)
		},
		"TextPage": func() {
			page, read, made, err := s.TextPage(ctx, org, whole, theirs.src.ID, 1)
			missing(err)
			seen([]any{page, string(read), string(made)}, nil)
		},
		"ChangePage": func() {
			src, err := s.ChangePage(ctx, org, theirs.src.ID, appliance.PageChange{Number: 1, Text: &appliance.PageText{Data: []byte("mine")}})
			missing(err)
			seen(src, nil)
		},
		"DeletedSource": func() { src, err := s.DeletedSource(ctx, org, whole, theirs.src.ID); missing(err); seen(src, nil) },
		"TrashSource":   func() { missing(s.TrashSource(ctx, org, theirs.src.ID)) },
		"BringBack":     func() { src, err := s.BringBack(ctx, org, theirs.src.ID); missing(err); seen(src, nil) },
		"ReplaceSource": func() {
			src, err := s.ReplaceSource(ctx, org, theirs.src.ID, appliance.Source{SHA256: "x"})
			missing(err)
			seen(src, nil)
		},
		"Namesake": func() {
			src, ok, err := s.Namesake(ctx, org, appliance.Operator(org), theirs.src.Title, "x")
			if seen(src, err); ok {
				t.Error("their file is a namesake here")
			}
		},
		"SourceLabels": func() { seen(s.SourceLabels(ctx, org, whole)) },
		"ChangeSources": func() {
			list, err := s.ChangeSources(ctx, org, []string{theirs.src.ID}, appliance.ManyChange{Delete: true},
				func(string) appliance.AuditEntry { return appliance.AuditEntry{} })
			missing(err)
			seen(list, nil)
		},
		"ReadAgain": func() { src, err := s.ReadAgain(ctx, org, theirs.src.ID); missing(err); seen(src, nil) },
		"EditSource": func() {
			src, err := s.EditSource(ctx, org, theirs.src.ID, appliance.SourceChange{Title: new(string)})
			missing(err)
			seen(src, nil)
		},
		"HoldArchive": func() { lost(s.HoldArchive(ctx, stolen, theirs.src, appliance.ArchiveState{})) },
		"SaveArticles": func() {
			lost(s.SaveArticles(ctx, stolen, theirs.src, []appliance.Chunk{{Text: "x"}}, 1))
		},
		"LastTable": func() {
			if no, err := s.LastTable(ctx, stolen); no != 0 || err != nil {
				t.Error(no, err)
			}
		},
		"Archive": func() { a, err := s.Archive(ctx, org, whole, theirs.src.ID); missing(err); seen(a, nil) },
		"SelectArchive": func() {
			src, err := s.SelectArchive(ctx, org, theirs.src.ID, appliance.ArchiveSelection{}, 1)
			missing(err)
			seen(src, nil)
		},
		"LastChunk":  func() { c, _, err := s.LastChunk(ctx, stolen); seen(c, err) },
		"Unembedded": func() { c, _, err := s.Unembedded(ctx, stolen, 10); seen(c, err) },
	}
	office := staff(t, s, "other", canary)
	staff(t, s, org, "ours")
	maps.Copy(probes, peopleProbes(t, s, office, canary, seen, missing))
	tutor := teachTutor(t, s, "other", canary)
	teachTutor(t, s, org, "ours")
	maps.Copy(probes, tutorProbes(t, s, tutor, canary, seen, missing))
	// The box's own, for all organizations: no words of anybody go in or out, or
	// they are how one gets in (by a code, by a session's id).
	exempt := []string{"Close", "Path", "Check", "Maintain", "RebuildIndex", "Reembed", "Unfinished", "Overtaken", "ClaimJob", "ReleaseDead",
		"NeedsSetup", "Organizations", "OrganizationBySlug", "CreateOrganization", "EraseOrganization", "CloseOrganization", "FirstOrganization", "ClassByCode", "InvitationByCode",
		"AddSession", "Session", "PurgeSessions", "PurgeAttempts", "BoxClock", "SaveBoxClock", "CheckAudit", "AcceptAudit", "PurgeRequests", "Clean",
		"APIKeyByHash", "MaterialVersion", "Expired"}

	methods := reflect.TypeFor[*Store]()
	for i := range methods.NumMethod() {
		name := methods.Method(i).Name
		probe, ok := probes[name]
		if !ok {
			if !slices.Contains(exempt, name) {
				t.Errorf("%s is not probed", name)
			}
			continue
		}
		t.Run(name, func(*testing.T) { probe() })
	}
	// Theirs is still as it was.
	office.stays(t, s, "other", canary)
	tutor.stays(t, s, canary)
	if c, m, err := s.Conversation(ctx, "other", "", theirs.conv); err != nil || c.Messages != 2 || !strings.Contains(m[1].Text, canary) {
		t.Error(c, m, err)
	}
	if list := must[[]appliance.Passage](t)(s.Passages(ctx, "other", whole, theirs.chunks)); len(list) != 2 {
		t.Error(list)
	}
}
