package app_test

import (
	"net/url"
	"testing"
	"time"

	"tongban/internal/base/ident"
	"tongban/internal/domain/talk"
)

// talks adds what is said about the food case, and a notice at the desk.
func (m *matrix) talks(t *testing.T, c *city, food string) {
	t.Helper()
	said := must[talk.Message](t, "say")(c.Talk.Say(t.Context(), m.actor(t, c, owner), food, talk.Say{Key: "matrix", Text: "请问还要多久？"}))
	notice := ident.New()
	if _, err := c.DB.Raw().ExecContext(t.Context(), `INSERT INTO talk_notice (id, staff_id, ref, kind, case_id, words, link, at_ms, read_ms) VALUES ($1, 'zhou-min', 'matrix', 'message', $2, '{}', '/desk/notices', $3, 0)`,
		notice, food, time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	at := map[string]string{"id": food, "message": said.ID, "urge": ident.New(), "copy": ident.New()}
	text := url.Values{"message": {"您好"}, "urge_answer": {"正在办理"}}
	m.objects = append(m.objects,
		object{name: "messages of a firm's case", at: at, may: []string{owner, agent}, views: true, routes: lines(`
GET /my/cases/{id}/messages`)},
		object{name: "writing about a firm's case", at: at, may: []string{owner, agent}, forms: map[string]url.Values{"POST /my/cases/{id}/messages": text}, routes: lines(`
POST /my/cases/{id}/messages
GET /my/cases/{id}/messages/{message}/file
POST /my/cases/{id}/urge`)},
		object{name: "messages at the desk", at: at, may: []string{reviewer, decider, window, hall}, views: true, routes: lines(`
GET /desk/cases/{id}/messages`)},
		object{
			name: "writing, answering and copying at the desk", at: at, may: []string{reviewer, decider, window, hall},
			forms: map[string]url.Values{"POST /desk/cases/{id}/messages": text, "POST /desk/cases/{id}/urges/{urge}": text},
			routes: lines(`
POST /desk/cases/{id}/messages
GET /desk/cases/{id}/messages/{message}/file
POST /desk/cases/{id}/urges/{urge}
GET /desk/cases/{id}/copies/new
POST /desk/cases/{id}/copies
POST /desk/cases/{id}/copies/{copy}/end
POST /api/v1/cases/{id}/urges/{urge}/answer
POST /api/v1/cases/{id}/copies
POST /api/v1/cases/{id}/copies/{copy}/end`),
		},
		object{name: "messages as the supervisor sees them", at: at, may: []string{watcher}, views: true, routes: lines(`
GET /supervision/cases/{id}/talk`)},
		object{name: "urging by the supervisor", at: at, may: []string{watcher}, routes: lines(`
GET /supervision/cases/{id}/talk/{message}/file
POST /supervision/cases/{id}/urge`)},
		object{name: "messages by API", at: at, may: []string{owner, agent, reviewer, decider, window, hall, watcher}, views: true, routes: lines(`
GET /api/v1/cases/{id}/messages`)},
		object{name: "writing and urging by API", at: at, may: []string{owner, agent, reviewer, decider, window, hall, watcher}, routes: lines(`
POST /api/v1/cases/{id}/messages
GET /api/v1/cases/{id}/messages/{message}/file
POST /api/v1/cases/{id}/urges`)},
		object{name: "a notice at the desk", at: map[string]string{"id": notice}, may: []string{reviewer}, routes: lines(`
POST /desk/notices/{id}
POST /api/v1/notices/{id}/read`)},
	)
}
