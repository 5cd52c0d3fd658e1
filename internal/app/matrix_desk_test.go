package app_test

import (
	"net/url"
	"testing"
	"time"

	"tongban/internal/base/ident"
	"tongban/internal/domain/org"
	"tongban/internal/domain/rating"
)

// desk adds what departments and administrators have: ratings, alarms, agencies, accounts, grants of power.
func (m *matrix) desk(t *testing.T, c *city, food, card string) {
	t.Helper()
	m.looks(t, c, card)
	m.powers(t, c)
	m.objects = append(m.objects,
		object{name: "a bad rating of another agency", at: map[string]string{"id": m.badRating(t, c, card)}, may: []string{civil}, views: true, routes: lines(`
GET /desk/ratings/{id}
POST /desk/ratings/{id}/verify
POST /desk/ratings/{id}/answer`)},
		object{name: "an alarm of the agency", at: map[string]string{"id": m.alarm(t, c, food)}, may: []string{reviewer, decider, window, colleague}, views: true, routes: lines(`
GET /desk/alarms/{id}
POST /desk/alarms/{id}`)},
		object{name: "the signature of a submission", at: map[string]string{"id": card, "signature": m.caseSignature(t, c, card)}, may: []string{elder, helper}, views: true, routes: lines(`
GET /my/cases/{id}/signatures/{signature}`)},
		object{name: "the signature of a submission at the desk", at: map[string]string{"id": card, "signature": m.caseSignature(t, c, card)}, may: []string{civil, hall}, routes: lines(`
GET /desk/cases/{id}/signatures/{signature}`)},
	)
}

// badRating is one the elder gave for the card that 清江区民政局 decided.
func (m *matrix) badRating(t *testing.T, c *city, card string) string {
	t.Helper()
	contact := first(t, c, `SELECT id FROM rating_contact WHERE case_id = $1 ORDER BY id LIMIT 1`, card)
	g := must[rating.Given](t, "rate")(c.Rating.Rate(t.Context(), m.actor(t, c, elder), contact, rating.Input{Grade: 5, Tags: []string{"slow"}, Text: "办得太慢了，等了很久才有结果", Via: "pc"}))
	return g.ID
}

func (m *matrix) alarm(t *testing.T, c *city, food string) string {
	t.Helper()
	id := ident.New()
	if _, err := c.DB.Raw().ExecContext(t.Context(), `INSERT INTO supervision_alarm (id, rule, case_id, occurrence, level, note, facts, at_ms, found_ms, case_no, region, agency, agency_name, item_name, state, explained_ms, explained_by)
		VALUES ($1, 'overdue', $2, '1', 'red', '', '{}', $3, $3, '1', '580102', 'market', '清江区市场监管局', '食品经营许可', 'open', 0, '')`, id, food, time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	return id
}

// caseSignature puts a signature with its evidence to a case, once.
func (m *matrix) caseSignature(t *testing.T, c *city, id string) string {
	t.Helper()
	him := m.actor(t, c, elder)
	var had []string
	if d, err := c.Cases.Case(t.Context(), him, id); err == nil {
		for _, g := range d.Signatures {
			had = append(had, g.ID)
		}
	}
	if len(had) > 0 {
		return had[0]
	}
	signature := m.signed(t, c, him)
	if _, err := c.DB.Raw().ExecContext(t.Context(), `INSERT INTO cases_signature (case_id, round, signature_id, actor, text, at_ms) VALUES ($1, 0, $2, $3, $4, $5)`,
		id, signature, him.Name(), c.Vault.SealText("cases_signature.text."+id+":0", "本人知悉告知事项。"), time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	return signature
}

// powers adds an agency with its parts, an account, a grant that waits for review and a table of staff.
func (m *matrix) powers(t *testing.T, c *city) {
	t.Helper()
	ctx, sec := t.Context(), m.actor(t, c, security)
	proposal := must[string](t, "propose a grant")(c.Org.Propose(ctx, sec, org.Change{Kind: org.Grant, StaffID: "feng-li", Posts: []string{"market-registration"}}, "支援经营主体登记岗"))
	table := must[string](t, "table")(c.Org.CheckTable(ctx, sec, staffTable()))
	m.objects = append(m.objects,
		object{name: "an agency", at: map[string]string{"key": "market", "agency": "market"}, may: []string{admin}, forms: m.asShown(t, c, map[string]string{
			"POST /admin/agencies/{key}": "/admin/agencies/market", "POST /admin/agencies/{agency}/windows": "/admin/windows/hall-civil", "POST /admin/agencies/{agency}/posts": "/admin/posts/market-review",
		}), routes: lines(`
POST /admin/agencies/{key}
POST /admin/agencies/{agency}/windows
POST /admin/agencies/{agency}/posts`)},
		object{name: "a window", at: map[string]string{"key": "hall-civil"}, may: []string{admin}, forms: m.asShown(t, c, map[string]string{"POST /admin/windows/{key}": "/admin/windows/hall-civil"}), routes: lines(`
POST /admin/windows/{key}`)},
		object{name: "a post", at: map[string]string{"key": "market-review"}, may: []string{admin}, forms: m.asShown(t, c, map[string]string{"POST /admin/posts/{key}": "/admin/posts/market-review"}), routes: lines(`
POST /admin/posts/{key}`)},
		object{name: "a region", at: map[string]string{"key": "580102"}, may: []string{admin}, forms: m.asShown(t, c, map[string]string{"POST /admin/regions/{key}": "/admin/regions/580102"}), routes: lines(`
POST /admin/regions/{key}`)},
		object{name: "an account of staff", at: map[string]string{"id": "feng-li", "act": "grant"}, may: []string{security, second}, views: true, routes: lines(`
GET /admin/staff/{id}
POST /admin/staff/{id}
GET /admin/staff/{id}/{act}
GET /admin/staff/{id}/reset
POST /admin/staff/{id}/reset
POST /admin/staff/{id}/{act}`)},
		object{name: "a grant of power", at: map[string]string{"id": proposal}, may: []string{security, second}, views: true, routes: lines(`
GET /admin/proposals/{id}`)},
		object{name: "a grant to be reviewed", at: map[string]string{"id": proposal}, may: []string{second}, routes: lines(`
POST /admin/proposals/{id}/review`)},
		object{name: "the first officer's own proposal", at: map[string]string{"id": proposal}, may: []string{security}, routes: lines(`
POST /admin/proposals/{id}/drop`)},
		object{name: "a table of staff", at: map[string]string{"id": table}, may: []string{security}, views: true, routes: lines(`
GET /admin/imports/{id}
POST /admin/imports/{id}/propose`)},
	)
}

// asShown are the forms of administrators' pages, filled in as they are shown.
func (m *matrix) asShown(t *testing.T, c *city, pages map[string]string) map[string]url.Values {
	t.Helper()
	boss, out := c.as(t, "staff:fang-yuan"), map[string]url.Values{}
	for pattern, page := range pages {
		_, out[pattern] = boss.Get(page, 200).Form(`main form[method="post"]`)
	}
	return out
}
