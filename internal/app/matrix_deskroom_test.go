package app_test

import (
	"net/url"
	"testing"

	"tongban/internal/domain/desk"
)

// officersDesk adds what officers keep beside the cases: their own and nobody else's.
func (m *matrix) officersDesk(t *testing.T, c *city, food string) {
	t.Helper()
	ctx, her := t.Context(), m.actor(t, c, reviewer)
	filter := must[desk.Filter](t, "filter")(c.Desk.SaveFilter(ctx, her, desk.Filter{Name: "快到期", Conditions: desk.Conditions{Days: 2}}))
	phrase := must[desk.Phrase](t, "phrase")(c.Desk.AddPhrase(ctx, her, "齐全", "材料齐全。", false))
	run := must[desk.Batch](t, "run")(c.Desk.Begin(ctx, her, "matrix", desk.Batch{Act: "take_up", Lines: []desk.Line{{Case: food, Version: 1}}}))
	if err := c.Desk.AddNote(ctx, her, food, "matrix", "只给自己看"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Desk.Keep(ctx, her, desk.Unsent{Case: food, Act: "opinion@review", Form: map[string][]string{"text": {"写到一半"}}}); err != nil {
		t.Fatal(err)
	}
	notes := must[[]desk.Note](t, "notes")(c.Desk.Notes(ctx, her, food))
	sent["POST /desk/cases/{id}/unsent/drop"] = map[string][]string{"act": {"opinion@review"}}
	sent["POST /desk/cases/{id}/notes"] = map[string][]string{"note": {"x"}, "_key": {"x"}}
	bodies["notes"] = `{"key":"x","text":"x"}`
	m.objects = append(m.objects,
		object{name: "a case on an officer's list", at: map[string]string{"id": food}, may: []string{reviewer, decider, window, hall}, routes: lines(`
GET /desk/cases/{id}/next
GET /desk/cases/{id}/previous
POST /desk/cases/{id}/notes
GET /api/v1/desk/cases/{id}/notes
POST /api/v1/desk/cases/{id}/notes`)},
		object{name: "a text being written", at: map[string]string{"id": food}, may: []string{reviewer, decider, window, hall}, forms: map[string]url.Values{"POST /desk/cases/{id}/unsent": {"text": {"x"}}}, routes: lines(`
POST /desk/cases/{id}/unsent`)},
		object{name: "an officer's own", at: map[string]string{"id": food, "filter": filter.ID, "phrase": phrase.ID, "batch": run.ID, "note": notes[0].ID}, may: []string{reviewer}, routes: lines(`
POST /desk/cases/{id}/unsent/drop
POST /desk/cases/{id}/notes/{note}/drop
POST /desk/filters/{filter}/drop
POST /desk/phrases/{phrase}/drop
GET /desk/batches/{batch}
GET /api/v1/desk/batches/{batch}`)},
	)
}
