package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const conversationColumns = `id, persona_id, messages, created_at, updated_at,
	(SELECT unseal(org_id, 'message', text) FROM message WHERE conversation_id = c.id AND message.org_id = c.org_id ORDER BY message.n LIMIT 1)`

func scanConversation(row scanner) (c appliance.Conversation, err error) {
	var created, updated int64
	var first string
	err = row.Scan(&c.ID, &c.PersonaID, &c.Messages, &created, &updated, &first)
	c.CreatedAt, c.UpdatedAt, c.Title = timeOf(created), timeOf(updated), shorten(first)
	return c, err
}

const messageColumns = `id, role, unseal(org_id, 'message', text), request_id, unseal(org_id, 'message', answer), created_at`

func scanMessage(row scanner) (m appliance.Message, err error) {
	var (
		answer  sql.NullString
		created int64
	)
	if err := row.Scan(&m.ID, &m.Role, &m.Text, &m.RequestID, &answer, &created); err != nil {
		return m, err
	}
	m.CreatedAt = timeOf(created)
	if m.Answer, err = answerOf(answer); err != nil {
		return m, err
	}
	if m.Answer != nil {
		m.Answer.ResponseText = m.Text
	}
	return m, nil
}

// storedAnswer is an answer in the database: who pinned it by their id, so that
// their name goes when they do.
type storedAnswer struct {
	appliance.Answer
	TeacherID appliance.UserID `json:"teacher_id,omitempty"`
}

// answerOf is an answer as it is stored, nil for NULL.
func answerOf(text sql.NullString) (*appliance.Answer, error) {
	var stored *storedAnswer
	if err := fromJSON(text, &stored); err != nil || stored == nil {
		return nil, err
	}
	stored.Answer.TeacherID = stored.TeacherID
	return &stored.Answer, nil
}

// SaveQuestion stores a user's question, and starts a conversation if it names none.
// Asking again with the same id changes nothing and returns what was stored,
// with the answer if there is one; the same id with other words is EConflict.
func (s *Store) SaveQuestion(ctx context.Context, org appliance.OrgID, user appliance.UserID, q appliance.Question) (
	conv appliance.Conversation, msg appliance.Message, existing *appliance.Answer, err error) {
	err = s.write(ctx, func(t *tx) error {
		var convID string
		convID, msg, err = findMessage(t, org, user, q.ID, appliance.SpeakerUser)
		switch {
		case err == nil:
			if msg.Text != q.Text || q.ConversationID != "" && q.ConversationID != convID {
				return errReused(nil)
			}
			if conv, err = findConversation(t, org, user, convID); err != nil {
				return err
			}
			existing, err = findAnswer(t, org, user, q.ID)
			return err
		case problem.CodeOf(err) != problem.NotFound:
			return err
		}
		convID = q.ConversationID
		if convID == "" {
			convID = uuid.Must(uuid.NewV7()).String()
			_, err = t.Exec(`INSERT INTO conversation (id, org_id, user_id, persona_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)`,
				convID, org, user, q.PersonaID, t.now, t.now)
		} else if conv, err = findConversation(t, org, user, convID); err == nil && q.PersonaID != "" && q.PersonaID != conv.PersonaID {
			_, err = t.Exec(`UPDATE conversation SET persona_id = ? WHERE id = ? AND org_id = ?`, q.PersonaID, convID, org)
		}
		if err != nil {
			return err
		}
		msg = appliance.Message{Role: appliance.SpeakerUser, Text: q.Text, RequestID: q.ID}
		if msg, err = addMessage(t, org, user, convID, msg, sql.NullString{}); err != nil {
			return err
		}
		conv, err = findConversation(t, org, user, convID)
		return err
	})
	return conv, msg, existing, err
}

func errReused(cause error) error {
	return problem.New(problem.Conflict, "request_reused", "Another question was sent under the same number.",
		"Send the question again with a new one.", cause)
}

// addMessage appends to a conversation.
func addMessage(t *tx, org appliance.OrgID, user appliance.UserID, convID string, m appliance.Message, answer sql.NullString) (appliance.Message, error) {
	m.ID, m.CreatedAt = uuid.Must(uuid.NewV7()).String(), timeOf(t.now)
	if _, err := t.Exec(`INSERT INTO message (id, org_id, user_id, conversation_id, role, text, request_id, answer, created_at)
		VALUES (?1, ?2, ?3, ?4, ?5, seal(?2, 'message', ?6), ?7, seal(?2, 'message', ?8), ?9)`,
		m.ID, org, user, convID, m.Role, m.Text, m.RequestID, answer, t.now); isUnique(err) {
		// Its conversation was deleted today.
		return m, errReused(err)
	} else if err != nil {
		return m, err
	}
	_, err := t.Exec(`UPDATE conversation SET messages = messages + 1, updated_at = ?, latest = last_insert_rowid()
		WHERE id = ? AND org_id = ?`, t.now, convID, org)
	return m, err
}

// SaveAnswer stores the answer to a question with its event, and returns it
// with its ids. A second answer to the same question is not stored; the first
// one is returned.
func (s *Store) SaveAnswer(ctx context.Context, org appliance.OrgID, user appliance.UserID, questionID string, a appliance.Answer) (saved appliance.Answer, err error) {
	err = s.write(ctx, func(t *tx) error {
		convID, _, err := findMessage(t, org, user, questionID, appliance.SpeakerUser)
		if err != nil {
			return err
		}
		if old, err := findAnswer(t, org, user, questionID); err != nil || old != nil {
			if old != nil {
				saved = *old
			}
			return err
		}
		text, err := json.Marshal(storedAnswer{bare(a), a.TeacherID})
		if err != nil {
			return err
		}
		m := appliance.Message{Role: appliance.SpeakerAssistant, Text: a.ResponseText, RequestID: questionID}
		if _, err := addMessage(t, org, user, convID, m, sql.NullString{String: string(text), Valid: true}); err != nil {
			return err
		}
		if err := addEvent(t, org, "question_answered", map[string]any{
			"conversation": convID, "mode": a.Mode, "model": a.Model, "citations": len(a.Citations),
			"first_token_ms": a.FirstTokenMS, "total_ms": a.TotalMS}); err != nil {
			return err
		}
		stored, err := findAnswer(t, org, user, questionID)
		if err == nil {
			saved = *stored
		}
		return err
	})
	return saved, err
}

// SaveActions replaces the actions of an answer that is stored.
func (s *Store) SaveActions(ctx context.Context, org appliance.OrgID, user appliance.UserID, questionID string, actions []appliance.Action) error {
	return s.write(ctx, func(t *tx) error {
		_, m, err := findMessage(t, org, user, questionID, appliance.SpeakerAssistant)
		if err != nil {
			return err
		}
		a := *m.Answer
		a.Actions = actions
		text, err := json.Marshal(storedAnswer{bare(a), a.TeacherID})
		if err != nil {
			return err
		}
		_, err = t.Exec(`UPDATE message SET answer = seal(?1, 'message', ?2) WHERE id = ?3 AND org_id = ?1`, org, string(text), m.ID)
		return err
	})
}

// bare is an answer without what is stored elsewhere: its text is the
// message's, and the words of the sources it cites and the name of who pinned it
// are theirs alone, so that deleting these deletes them everywhere.
func bare(a appliance.Answer) appliance.Answer {
	a.ResponseText, a.ConversationID, a.MessageID, a.Teacher = "", "", "", ""
	citations := make([]appliance.Citation, len(a.Citations))
	for i, c := range a.Citations {
		c.Text, c.Heading, c.SourceTitle = "", "", ""
		citations[i] = c
	}
	a.Citations = citations
	return a
}

// complete puts back what bare took away. A citation of a deleted source keeps
// its number and place, and has no text and no title.
func complete(t *tx, org appliance.OrgID, convID string, messages ...*appliance.Message) error {
	var ids []int64
	for _, m := range messages {
		if m.Answer != nil {
			for _, c := range m.Answer.Citations {
				ids = append(ids, c.ChunkID)
			}
		}
	}
	// They have seen these, whatever classes they are for by now.
	found, err := passages(t, org, appliance.Scope{All: true}, ids)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if m.Answer == nil {
			continue
		}
		m.Answer.ConversationID, m.Answer.MessageID = convID, m.ID
		if m.Answer.TeacherID != "" {
			err := t.QueryRow(`SELECT unseal(org_id, 'user', name) FROM user WHERE org_id = ? AND id = ?`, org, m.Answer.TeacherID).Scan(&m.Answer.Teacher)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		for i := range m.Answer.Citations {
			c := &m.Answer.Citations[i]
			if p, ok := found[c.ChunkID]; ok {
				c.Text, c.Heading, c.SourceTitle = p.Text, p.Heading, p.SourceTitle
			} else {
				c.Words = nil // they were its words
			}
		}
	}
	return nil
}

// findMessage returns the question or the answer of a request, and its
// conversation; an answer is not completed.
func findMessage(t *tx, org appliance.OrgID, user appliance.UserID, requestID string, role appliance.Speaker) (convID string, m appliance.Message, err error) {
	m, err = scanMessage(prefixed{t.QueryRow(`SELECT conversation_id, `+messageColumns+` FROM message
		WHERE org_id = ? AND user_id = ? AND request_id = ? AND role = ?
		AND conversation_id NOT IN (SELECT id FROM conversation WHERE conversation.org_id = message.org_id AND deleted_at IS NOT NULL)`, org, user, requestID, role), &convID})
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("question", "question_not_found")
	}
	return convID, m, err
}

// findAnswer returns a question's answer, or nil if it has none yet.
func findAnswer(t *tx, org appliance.OrgID, user appliance.UserID, questionID string) (*appliance.Answer, error) {
	convID, m, err := findMessage(t, org, user, questionID, appliance.SpeakerAssistant)
	if problem.CodeOf(err) == problem.NotFound && err != nil {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return m.Answer, complete(t, org, convID, &m)
}

func findConversation(t *tx, org appliance.OrgID, user appliance.UserID, id string) (appliance.Conversation, error) {
	c, err := scanConversation(t.QueryRow(`SELECT `+conversationColumns+` FROM conversation AS c
		WHERE org_id = ? AND user_id = ? AND id = ? AND deleted_at IS NULL`, org, user, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("conversation", "conversation_not_found")
	}
	return c, err
}

// Answer returns a stored question and its answer, which is nil while there is
// none.
func (s *Store) Answer(ctx context.Context, org appliance.OrgID, user appliance.UserID, questionID string) (q appliance.Question, a *appliance.Answer, err error) {
	err = s.read(ctx, func(t *tx) error {
		convID, m, err := findMessage(t, org, user, questionID, appliance.SpeakerUser)
		if err != nil {
			return err
		}
		conv, err := findConversation(t, org, user, convID)
		if err != nil {
			return err
		}
		q = appliance.Question{ID: questionID, ConversationID: convID, PersonaID: conv.PersonaID, Text: m.Text}
		a, err = findAnswer(t, org, user, questionID)
		return err
	})
	return q, a, err
}

// Conversations lists a user's conversations whose messages hold
// every word of search, the one that was last added to first.
func (s *Store) Conversations(ctx context.Context, org appliance.OrgID, user appliance.UserID, search, cursor string, limit int) (page appliance.Page[appliance.Conversation], err error) {
	limit = clamp(limit)
	where := `FROM conversation AS c WHERE org_id = ? AND user_id = ? AND deleted_at IS NULL`
	args := []any{org, user}
	for _, word := range strings.Fields(fold(search)) {
		where += ` AND EXISTS (SELECT 1 FROM message WHERE conversation_id = c.id AND message.org_id = c.org_id
			AND instr(fold(unseal(message.org_id, 'message', text)), ?) > 0)`
		args = append(args, word)
	}
	before, err := parseCursor(cursor)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(t *tx) error {
		if err := t.QueryRow(`SELECT count(*) `+where, args...).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, page.Next, err = newestFirst(t, scanConversation, limit, `SELECT latest, `+conversationColumns+` `+where+` AND latest < ? ORDER BY latest DESC LIMIT ?`,
			append(args, before, limit+1)...)
		return err
	})
	return page, err
}

// Conversation returns a conversation with its messages in order.
func (s *Store) Conversation(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string) (c appliance.Conversation, messages []appliance.Message, err error) {
	err = s.read(ctx, func(t *tx) error {
		if c, err = findConversation(t, org, user, id); err != nil {
			return err
		}
		messages, err = all(t, scanMessage, `SELECT `+messageColumns+` FROM message
			WHERE conversation_id = ? AND org_id = ? ORDER BY n`, id, org)
		if err != nil {
			return err
		}
		thumbs, err := thumbsOf(t, org, id)
		if err != nil {
			return err
		}
		refs := make([]*appliance.Message, len(messages))
		for i := range messages {
			refs[i] = &messages[i]
			if thumb, ok := thumbs[messages[i].ID]; ok {
				refs[i].Thumb = &thumb
			}
		}
		return complete(t, org, id, refs...)
	})
	return c, messages, err
}

// DeleteConversation removes a conversation and its messages for good. The
// messages are overwritten where they stand and not moved, so that this needs
// no rewriting of the file; their empty rows go in the night.
func (s *Store) DeleteConversation(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string, entries ...appliance.AuditEntry) error {
	err := s.write(ctx, func(t *tx) error {
		if _, err := findConversation(t, org, user, id); err != nil {
			return err
		}
		type row struct {
			n            int64
			text, answer int
		}
		rows, err := all(t, func(r scanner) (x row, err error) { return x, r.Scan(&x.n, &x.text, &x.answer) },
			`SELECT n, octet_length(text), coalesce(octet_length(answer), -1) FROM message
			WHERE conversation_id = ? AND org_id = ?`, id, org)
		if err != nil {
			return err
		}
		for _, x := range rows {
			// SQLite overwrites a row in place if its length stays the same.
			blank := sql.NullString{String: strings.Repeat(" ", max(x.answer, 0)), Valid: x.answer >= 0}
			if _, err := t.Exec(`UPDATE message SET text = ?, answer = ? WHERE n = ? AND org_id = ?`,
				strings.Repeat(" ", x.text), blank, x.n, org); err != nil {
				return err
			}
		}
		if _, err := t.Exec(`DELETE FROM thumb WHERE org_id = ?1 AND message_id IN (SELECT id FROM message WHERE conversation_id = ?2 AND message.org_id = ?1)`, org, id); err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE conversation SET deleted_at = ? WHERE id = ? AND org_id = ?`, t.now, id, org); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
	if err != nil {
		return err
	}
	return s.emptyLog(ctx)
}

// purgeConversations removes the rows that DeleteConversation has overwritten.
func purgeConversations(t *tx) error {
	result, err := t.Exec(`DELETE FROM message WHERE conversation_id IN (SELECT id FROM conversation WHERE deleted_at IS NOT NULL)`)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if _, err = t.Exec(`DELETE FROM conversation WHERE deleted_at IS NOT NULL`); err != nil {
		return err
	}
	return dueErase(t) // the rows next to them may have moved
}

// shorten makes a question into a conversation's title: at most 80 letters,
// cut between words.
func shorten(text string) string {
	const most = 80
	words := strings.Fields(text)
	title := strings.Join(words, " ")
	letters := []rune(title)
	if len(letters) <= most {
		return title
	}
	cut := string(letters[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return cut + "…"
}
