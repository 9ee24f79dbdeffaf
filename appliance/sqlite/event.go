package sqlite

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
)

// addEvent records what happened, in the transaction in which it did. Data
// holds ids, words of ours and numbers, never what people wrote.
func addEvent(t *tx, org appliance.OrgID, kind string, data map[string]any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	_, err = t.Exec(`INSERT INTO event (id, org_id, kind, at, data) VALUES (?, ?, ?, ?, ?)`,
		uuid.Must(uuid.NewV7()).String(), org, kind, t.now, string(text))
	return err
}
