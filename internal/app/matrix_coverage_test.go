package app_test

import "testing"

// operations adds what programs may do that pages could before: files of cases, a clerk's drafts, the credit list and messages that are stuck.
func (m *matrix) operations(t *testing.T, c *city, food, file string) {
	t.Helper()
	entry := first(t, c, `SELECT id FROM credit_entry ORDER BY id LIMIT 1`)
	bodies["reveal"], bodies["repair"] = `{"field":"applicant.name","reason":"核对"}`, `{"grant":false,"answer":"x"}`
	asks["GET /api/v1/window/drafts/{id}/licences"] = "?material=identity"
	m.objects = append(m.objects,
		object{name: "an applicant's case by operations", at: map[string]string{"id": food}, may: []string{owner, bare, agent}, routes: lines(`
POST /api/v1/cases/{id}/collect
POST /api/v1/cases/{id}/supply`)},
		object{name: "a file by operation", at: map[string]string{"id": food, "file": file}, may: []string{owner, bare, agent, reviewer, decider, window, hall}, routes: lines(`
GET /api/v1/cases/{id}/files/{file}`)},
		object{name: "a case at the desk by operations", at: map[string]string{"id": food, "file": file}, may: []string{reviewer, decider, window, hall}, routes: lines(`
POST /api/v1/cases/{id}/files/{file}/original
POST /api/v1/cases/{id}/reveal`)},
		object{name: "uploads by operations", at: map[string]string{"id": food, "key": "photo"}, mute: true, routes: lines(`
POST /api/v1/cases/{id}/photos
POST /api/v1/cases/{id}/taken
POST /api/v1/window/drafts/{id}/materials/{key}`)},
		object{name: "a clerk's draft by operations", at: map[string]string{"id": m.kept, "file": "none"}, may: []string{hall}, views: true, routes: lines(`
GET /api/v1/window/drafts/{id}
PUT /api/v1/window/drafts/{id}
GET /api/v1/window/drafts/{id}/ready
POST /api/v1/window/drafts/{id}/choices
POST /api/v1/window/drafts/{id}/submit
POST /api/v1/window/drafts/{id}/resubmit
POST /api/v1/window/drafts/{id}/licences
GET /api/v1/window/drafts/{id}/licences
DELETE /api/v1/window/drafts/{id}/files/{file}`)},
		object{name: "a clerk's draft to be thrown away by operation", at: map[string]string{"id": m.kept}, may: []string{hall}, mute: true, routes: lines(`
DELETE /api/v1/window/drafts/{id}`)},
		object{name: "a receipt of no clerk", at: map[string]string{"id": food}, routes: lines(`
GET /api/v1/window/cases/{id}/receipt`)},
		object{name: "an entry of the credit list by operations", at: map[string]string{"id": entry}, may: []string{reviewer, decider, colleague}, views: true, routes: lines(`
GET /api/v1/desk/credit/{id}
POST /api/v1/desk/credit/{id}/repair`)},
		object{name: "operations that answer everybody alike", at: map[string]string{"id": "none", "system": "none"}, mute: true, routes: lines(`
POST /api/v1/my/credit/{id}/repair
POST /api/v1/ops/elsewhere/in/{id}
POST /api/v1/ops/elsewhere/out/{id}
POST /api/v1/ops/elsewhere/systems/{system}/reconcile`)},
	)
}
