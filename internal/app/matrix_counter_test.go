package app_test

import (
	"testing"

	"tongban/internal/domain/cases"
	"tongban/internal/domain/counter"
)

// counters adds a visitor of the hall with a draft, a phone that may send for it, and a note of an ended shift: the hall's clerks', and a phone only of
// who opened it.
func (m *matrix) counters(t *testing.T, c *city) {
	t.Helper()
	ctx, clerk := t.Context(), m.actor(t, c, hall)
	v := must[counter.Visitor](t, "sign in")(c.Counter.SignIn(ctx, clerk, "", counter.SignIn{
		Kind: counter.Self, Purpose: counter.ToApply, Who: counter.Who{Name: "沈玉英", Number: "580102194103071821", Phone: "19900000102"},
	}))
	ds := must[[]counter.Done](t, "begin")(c.Counter.Begin(ctx, clerk, v.ID, []string{"elder-card"}))
	d := must[cases.Detail](t, "draft")(c.Cases.Case(ctx, clerk, ds[0].CaseID)) // which files are wanted follows from the answers
	must[int64](t, "answers")(c.Cases.SaveDraft(ctx, clerk, d.ID, d.Version, cases.Patch{Scenario: map[string]string{"residence": "household", "photo": "upload"}, Form: d.Answers, Contact: d.Contact}))
	phone := must[counter.Phone](t, "phone")(c.Counter.OpenPhone(ctx, clerk, ds[0].CaseID))
	if err := c.Counter.BeginShift(ctx, clerk, "3"); err != nil {
		t.Fatal(err)
	}
	if err := c.Counter.EndShift(ctx, clerk, "有一件等照片"); err != nil {
		t.Fatal(err)
	}
	shift := first(t, c, `SELECT id FROM counter_shift WHERE staff = $1`, clerk.StaffID)
	bodies["call"], bodies["end"], bodies["items"], bodies["hand-out"] = `{}`, `{"result":"done"}`, `{"items":["elder-card"]}`, `{"cases":["x"],"checked":true}`
	bodies["none"] = `{"take":false}`
	m.objects = append(m.objects,
		object{name: "a visitor of the hall", at: map[string]string{"id": v.ID, "case": ds[0].CaseID}, may: []string{hall}, views: true, routes: lines(`
GET /window/visitors/{id}
GET /window/visitors/{id}/receipts
POST /window/visitors/{id}/call
POST /window/visitors/{id}/end
POST /window/visitors/{id}/items
POST /window/visitors/{id}/items/{case}
POST /window/visitors/{id}/cases/{case}
POST /window/visitors/{id}/send
POST /window/visitors/{id}/hand-out
GET /api/v1/counter/visitors/{id}
POST /api/v1/counter/visitors/{id}/call
POST /api/v1/counter/visitors/{id}/end
POST /api/v1/counter/visitors/{id}/items
POST /api/v1/counter/visitors/{id}/items/{case}/carry
POST /api/v1/counter/visitors/{id}/send
POST /api/v1/counter/visitors/{id}/hand-out`)},
		object{name: "a draft's phone", at: map[string]string{"id": ds[0].CaseID}, may: []string{hall}, routes: lines(`
POST /window/drafts/{id}/phone
POST /api/v1/counter/drafts/{id}/phone`)},
		object{name: "a phone that sends", at: map[string]string{"id": phone.ID, "page": "none"}, may: []string{hall}, routes: lines(`
GET /window/phones/{id}
POST /window/phones/{id}/close
GET /window/phones/{id}/pages/{page}
POST /window/phones/{id}/pages/{page}
GET /api/v1/counter/phones/{id}
POST /api/v1/counter/phones/{id}/close
POST /api/v1/counter/phones/{id}/pages/{page}`)},
		object{name: "a note to the next shift", at: map[string]string{"id": shift}, may: []string{hall}, routes: lines(`
POST /window/shift/notes/{id}
POST /api/v1/counter/notes/{id}`)},
		object{name: "the address of a phone", at: map[string]string{"token": "00000000000000000000000000000000", "material": "photo"}, routes: lines(`
GET /u/{token}
POST /u/{token}/{material}`)},
	)
}
