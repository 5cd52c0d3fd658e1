package app_test

import "strings"

// acts adds what came to a case beside its first acts: looking a draft over, questions to other agencies, experts, delegation, another version of the
// item, and what happens after the decision.
func (m *matrix) acts(food, draftID string) {
	for _, act := range []string{"announce-revocation", "revoke", "rectify", "ask", "answer", "recall", "delegate", "migrate", "experts", "expertise", "pre-review", "correct-spot"} {
		at := "/desk/cases/{id}/" + act
		m.objects = append(m.objects, object{name: "a firm's case at the desk", at: map[string]string{"id": food}, may: []string{reviewer, decider, window, hall}, routes: []string{"GET " + at, "POST " + at}})
	}
	var routes []string
	for act, body := range map[string]string{
		"announce-revocation": `{"version":1,"kind":"revoked","ground":"fraud","reason":"x","basis":"x","days":5}`,
		"revoke":              `{"version":1,"kind":"revoked","ground":"fraud","reason":"x","basis":"x"}`,
		"rectify":             `{"version":1,"what":"paper","old":"x","new":"y","reason":"x"}`,
		"pre-review":          `{"version":1,"ready":true}`,
		"correct-on-the-spot": `{"version":1,"answers":{},"how":"present","confirmed":true}`,
		"consult":             `{"version":1,"post":"x","text":"x","n":1}`,
		"answer-consult":      `{"version":1,"outcome":"agree"}`,
		"withdraw-consult":    `{"version":1}`,
		"name-experts":        `{"version":1,"experts":[{"name":"x","unit":"x","declared":true}]}`,
		"expert-conclusion":   `{"version":1,"opinions":[],"outcome":"pass"}`,
		"delegate":            `{"version":1,"staff":"x","until":"2027-01-01"}`,
		"migrate":             `{"version":1,"reason":"x"}`,
	} {
		bodies["acts/"+act] = body
		routes = append(routes, "POST /api/v1/cases/{id}/acts/"+act)
	}
	bodies["licence"], bodies["pre-review"], bodies["take-back"] = `{"licence":"x"}`, `{"version":1}`, `{"version":1}`
	m.objects = append(m.objects,
		object{name: "a firm's case by operations of the desk", at: map[string]string{"id": food}, may: []string{reviewer, decider, window, hall}, routes: append(routes, "GET /api/v1/cases/{id}/migration")},
		object{name: "what happened after the decision", at: map[string]string{"id": food}, may: []string{owner, bare, agent, reviewer, decider, window, hall, watcher}, routes: lines(`
GET /api/v1/cases/{id}/after`)},
		object{name: "an advice to be taken back", at: map[string]string{"id": food}, may: []string{owner, bare, agent}, routes: lines(`
POST /my/cases/{id}/pre-review/take-back`)},
		object{name: "what a firm's draft rests on", at: map[string]string{"id": draftID}, may: []string{owner, bare}, routes: lines(`
GET /drafts/{id}/licence
POST /drafts/{id}/licence
GET /drafts/{id}/pre-review
POST /drafts/{id}/pre-review
GET /api/v1/drafts/{id}/licences-in-force
POST /api/v1/drafts/{id}/licence
GET /api/v1/drafts/{id}/pre-review
POST /api/v1/drafts/{id}/pre-review
POST /api/v1/drafts/{id}/pre-review/take-back`)},
	)
}

// bodyOf is the body of an operation: an act's own, else that of the last part of its path.
func bodyOf(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if b, ok := bodies[parts[len(parts)-2]+"/"+last]; ok {
		return b
	}
	return bodies[last]
}
