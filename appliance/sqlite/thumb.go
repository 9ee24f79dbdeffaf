package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
)

// Rate keeps what somebody thinks of an answer that they got. What they thought
// of it before is replaced, and is open again for their teacher.
func (s *Store) Rate(ctx context.Context, org appliance.OrgID, user appliance.UserID, messageID string, thumb appliance.Thumb, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		var there bool
		if err := t.QueryRow(`SELECT count(*) > 0 FROM message WHERE org_id = ?1 AND user_id = ?2 AND id = ?3 AND role = ?4 AND conversation_id NOT IN (
			SELECT id FROM conversation WHERE conversation.org_id = ?1 AND deleted_at IS NOT NULL)`,
			org, user, messageID, appliance.SpeakerAssistant).Scan(&there); err != nil {
			return err
		}
		if !there {
			return notFound("answer", "answer_not_found")
		}
		// A changed one is a new one in the list, with an id that nobody has seen.
		if _, err := t.Exec(`DELETE FROM thumb WHERE org_id = ? AND user_id = ? AND message_id = ?`, org, user, messageID); err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT INTO thumb (id, org_id, user_id, message_id, up, reason, note, created_at)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, seal(?2, 'thumb', ?7), ?8)`,
			uuid.Must(uuid.NewV7()).String(), org, user, messageID, thumb.Up, thumb.Reason, thumb.Note, t.now); err != nil {
			return err
		}
		return errors.Join(dueErase(t), s.record(t, org, messageID, entries))
	})
}

// Unrate takes back what somebody thought of an answer.
func (s *Store) Unrate(ctx context.Context, org appliance.OrgID, user appliance.UserID, messageID string, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		result, err := t.Exec(`DELETE FROM thumb WHERE org_id = ? AND user_id = ? AND message_id = ?`, org, user, messageID)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, notFound("rating", "thumb_not_found"))
		}
		return errors.Join(dueErase(t), s.record(t, org, messageID, entries))
	})
}

// thumbsOf are the thumbs of a conversation's answers, by message.
func thumbsOf(t *tx, org appliance.OrgID, conversation string) (map[string]appliance.Thumb, error) {
	thumbs := map[string]appliance.Thumb{}
	_, err := all(t, func(row scanner) (id string, err error) {
		var thumb appliance.Thumb
		err = row.Scan(&id, &thumb.Up, &thumb.Reason, &thumb.Note)
		thumbs[id] = thumb
		return id, err
	}, `SELECT message_id, up, reason, unseal(org_id, 'thumb', note) FROM thumb WHERE org_id = ?1 AND message_id IN (
		SELECT id FROM message WHERE conversation_id = ?2 AND message.org_id = ?1)`, org, conversation)
	return thumbs, err
}

// ratedAnswers joins a thumb with the answer that it is about and its question.
const ratedAnswers = `thumb JOIN message AS answer ON answer.id = thumb.message_id AND answer.org_id = thumb.org_id
	JOIN message AS asked ON asked.user_id = thumb.user_id AND asked.request_id = answer.request_id AND asked.role = 'user' AND asked.org_id = thumb.org_id
	JOIN conversation ON conversation.id = answer.conversation_id AND conversation.org_id = thumb.org_id AND conversation.deleted_at IS NULL`

// rated is the condition on a thumb that a teacher sets: one of somebody whom
// they teach. Nobody named is the office, which sees all.
const rated = ` WHERE thumb.org_id = ?1 AND (?2 = '' OR thumb.user_id IN (SELECT theirs.user_id FROM member AS mine JOIN member AS theirs ON theirs.class_id = mine.class_id
	WHERE mine.org_id = ?1 AND theirs.org_id = ?1 AND mine.user_id = ?2))`

// feedbackColumns are of a row of ratedAnswers, asked for by teacher ?2.
const feedbackColumns = `thumb.id, thumb.up, thumb.reason, unseal(thumb.org_id, 'thumb', thumb.note), thumb.user_id,
	coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = thumb.user_id AND user.org_id = thumb.org_id), ''),
	(SELECT json_group_array(json_object('id', class.id, 'name', class.name)) FROM member JOIN class ON class.id = member.class_id AND class.org_id = member.org_id
		WHERE member.user_id = thumb.user_id AND member.org_id = thumb.org_id AND (?2 = '' OR EXISTS (
			SELECT 1 FROM member AS mine WHERE mine.class_id = class.id AND mine.user_id = ?2 AND mine.org_id = class.org_id))),
	unseal(asked.org_id, 'message', asked.text), unseal(answer.org_id, 'message', answer.text), unseal(answer.org_id, 'message', answer.answer),
	answer.id, answer.conversation_id, conversation.persona_id, thumb.created_at, thumb.done_at,
	coalesce((SELECT unseal(user.org_id, 'user', user.name) FROM user WHERE user.id = thumb.done_by AND user.org_id = thumb.org_id), '')`

func scanFeedback(row scanner) (f appliance.Feedback, err error) {
	var text, messageID, conversationID string
	var classes, answer sql.NullString
	var created int64
	var done sql.NullInt64
	if err := row.Scan(&f.ID, &f.Up, &f.Reason, &f.Note, &f.User.ID, &f.User.Name, &classes, &f.Question, &text, &answer,
		&messageID, &conversationID, &f.PersonaID, &created, &done, &f.DoneBy); err != nil {
		return f, err
	}
	f.CreatedAt = timeOf(created)
	if done.Valid {
		at := timeOf(done.Int64)
		f.DoneAt = &at
	}
	a, err := answerOf(answer)
	if a != nil {
		f.Answer = *a
	}
	f.Answer.ResponseText, f.Answer.MessageID, f.Answer.ConversationID = text, messageID, conversationID
	f.Answer.Actions = []appliance.Action{}
	return f, errors.Join(err, fromJSON(classes, &f.Classes))
}

// Feedbacks lists the thumbs of those whom a teacher teaches, or all, newest
// first.
func (s *Store) Feedbacks(ctx context.Context, org appliance.OrgID, teacher appliance.UserID, scope appliance.Scope, f appliance.FeedbackFilter) (
	page appliance.Page[appliance.Feedback], err error) {
	limit := clamp(f.Limit)
	before, err := parseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	words, err := json.Marshal(strings.Fields(fold(f.Search)))
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(t *tx) error {
		const where = ` FROM ` + ratedAnswers + rated + ` AND thumb.up = ?3 AND (NOT ?4 OR thumb.done_at IS NULL)
			AND NOT EXISTS (SELECT 1 FROM json_each(?5) AS word WHERE instr(fold(unseal(asked.org_id, 'message', asked.text) || ' ' ||
				unseal(answer.org_id, 'message', answer.text) || ' ' || unseal(thumb.org_id, 'thumb', thumb.note)), word.value) = 0)`
		args := []any{org, teacher, f.Up, f.Open, string(words)}
		if err := t.QueryRow(`SELECT count(*)`+where, args...).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, page.Next, err = newestFirst(t, scanFeedback, limit, `SELECT thumb.n, `+feedbackColumns+where+` AND thumb.n < ?6 ORDER BY thumb.n DESC LIMIT ?7`, append(args, before, limit+1)...)
		if err != nil {
			return err
		}
		return show(t, org, scope, page.Items)
	})
	return page, err
}

// show puts the words of the sources that the answers cite back, as far as a
// scope shows them. An answer from others' material is withheld.
func show(t *tx, org appliance.OrgID, scope appliance.Scope, list []appliance.Feedback) error {
	for i := range list {
		a := &list[i].Answer
		ids := make([]int64, len(a.Citations))
		for j, c := range a.Citations {
			ids[j] = c.ChunkID
		}
		m := appliance.Message{ID: a.MessageID, Answer: a}
		if err := complete(t, org, a.ConversationID, &m); err != nil {
			return err
		}
		seen, err := passages(t, org, scope, ids)
		if err != nil {
			return err
		}
		for _, c := range a.Citations {
			if _, ok := seen[c.ChunkID]; !ok && c.SourceTitle != "" {
				list[i].Withheld = true
			}
		}
		if list[i].Withheld {
			a.ResponseText, a.Citations = "", nil
		}
		if a.Citations == nil {
			a.Citations = []appliance.Citation{}
		}
	}
	return nil
}

// CountFeedback counts the thumbs of those whom a teacher teaches, or all.
func (s *Store) CountFeedback(ctx context.Context, org appliance.OrgID, teacher appliance.UserID) (n appliance.FeedbackCount, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.QueryRow(`SELECT count(*) FILTER (WHERE NOT thumb.up AND thumb.done_at IS NULL), count(*) FILTER (WHERE NOT thumb.up), count(*) FILTER (WHERE thumb.up)
			FROM `+ratedAnswers+rated, org, teacher).Scan(&n.Open, &n.Down, &n.Up)
	})
	return n, err
}

// FinishFeedback notes that somebody has dealt with a thumb, or takes that back.
func (s *Store) FinishFeedback(ctx context.Context, org appliance.OrgID, teacher, by appliance.UserID, id string, done bool, entries ...appliance.AuditEntry) error {
	return s.write(ctx, func(t *tx) error {
		var was bool
		err := t.QueryRow(`SELECT thumb.done_at IS NOT NULL FROM `+ratedAnswers+rated+` AND thumb.id = ?3`, org, teacher, id).Scan(&was)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("feedback", "feedback_not_found")
		} else if err != nil || was == done {
			return err
		}
		if _, err := t.Exec(`UPDATE thumb SET done_at = iif(?3, ?4, NULL), done_by = iif(?3, ?5, NULL) WHERE org_id = ?1 AND id = ?2`,
			org, id, done, t.now, by); err != nil {
			return err
		}
		return s.record(t, org, id, entries)
	})
}
