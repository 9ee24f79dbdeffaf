package sqlite

import (
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

// What a school agreed to before allow_external had its name, it still agrees to.
func TestModelSettingsOfTheVersionBefore(t *testing.T) {
	s, ctx := open(t), t.Context()
	old := `{"providers":[{"id":"yes","name":"District","kind":"server","url":"http://192.0.2.7/v1","model":"big","key":"sk","leaves":true},
		{"id":"no","name":"Other","kind":"server","model":"big","leaves":false}],"order":["yes","box"],"budget":{"tokens":5},"version":3}`
	err := s.write(ctx, func(t *tx) error {
		_, err := t.Exec(`INSERT INTO model_settings (org_id, settings, version) VALUES (?1, seal(?1, 'models', ?2), 4)`, appliance.DefaultOrg, old)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.ModelSettings(ctx, appliance.DefaultOrg)
	if err != nil || len(m.Providers) != 2 || !m.Providers[0].AllowExternal || m.Providers[1].AllowExternal ||
		m.Providers[0].Key != "sk" || m.Order[0] != "yes" || m.Budget.Tokens != 5 || m.Version != 4 {
		t.Fatalf("%+v, %v", m, err)
	}
	// Taken back, it stays so.
	m.Providers[0].AllowExternal = false
	if m, err = s.SaveModelSettings(ctx, appliance.DefaultOrg, m); err != nil || m.Providers[0].AllowExternal || m.Version != 5 {
		t.Errorf("%+v, %v", m, err)
	}
}
