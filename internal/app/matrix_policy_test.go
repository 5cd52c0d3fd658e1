package app_test

import (
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"tongban/bench"
	"tongban/internal/base/authz"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/pack"
)

// The callers of the matrix by their relation to the food case: it belongs to a firm, and 清江区市场监管局 decides it.
const (
	nobody    = "visitor"
	owner     = "owner acting for the firm"
	bare      = "owner not acting for the firm"
	elder     = "holder of the elder card" // owner of the other case, a stranger to the first
	stranger  = "stranger"
	reviewer  = "reviewer of the agency"
	decider   = "decider of the agency"
	window    = "window of the agency"
	hall      = "window of the hall"
	colleague = "other post of the agency"
	civil     = "officer of another agency"
	far       = "officer of another region"
	watcher   = "supervisor of the region"
	farWatch  = "supervisor of another region"
	admin     = "system administrator"
	security  = "security administrator"
	auditor   = "auditor"
	operator  = "operator"
	office    = "item office"
	second    = "second security administrator"
	farSec    = "security administrator of another region"
	farAdmin  = "system administrator of another region"
	farAudit  = "auditor of another region"
	agent     = "agent of the firm"
	narrowFor = "agent of the firm for another item"
	helper    = "helper of the elder"
	narrow    = "helper of the elder for another item"
)

// elsewhere is an agency of the district next door.
const elsewhere = `
agencies:
  - key: far-market
    code: "11580103MB0K73195F"
    name: 清澜市澜山区市场监督管理局
    short: 澜山市场监管局
    region: "580103"
    nature: "1"
    government: 清澜市澜山区人民政府
    review: ""
    court: 清澜市澜山区人民法院
    address: 清澜市澜山区松风路1号
    phone: "0588-12315022"
    complaint_phone: "0588-12315091"
    website: ""
    seal: {name: 清澜市澜山区市场监督管理局, purpose: 行政审批专用章}
    number_mark: 澜山市监食许
    windows: []
    posts:
      - {key: far-review, name: 食品许可审查岗, acts: [receive, accept, review, inspect, decide], items: [food-licence-new, elder-card]}
    staff:
      - {key: far-officer, login: farofficer, name: 谢远, roles: [officer, clerk], posts: [far-review], phone: "19900000091"}
      - {key: far-watch, login: farwatch, name: 卓远, roles: [supervisor], posts: [], phone: "19900000092"}
      - {key: far-security, login: farsecurity, name: 安远, roles: [security], posts: [], phone: "19900000093"}
      - {key: far-admin, login: faradmin, name: 郝远, roles: [admin], posts: [], phone: "19900000094"}
      - {key: far-office, login: faroffice, name: 项远, roles: [item_office], posts: [], phone: "19900000096"}
      - {key: far-archivist, login: fararchivist, name: 文远, roles: [archivist], posts: [], phone: "19900000097"}
      - {key: far-auditor, login: farauditor, name: 纪远, roles: [auditor], posts: [], phone: "19900000095"}
`

// openToTheRole are routes whose object belongs to everybody who has the permission, or to whoever knows a random address.
var openToTheRole = lines(`
GET /admin/agencies/{key}
GET /admin/agencies/{agency}/windows/new
GET /admin/agencies/{agency}/posts/new
GET /admin/windows/{key}
GET /admin/posts/{key}
GET /admin/regions/{key}
POST /admin/calendar/days/{date}/drop
GET /admin/table/{file}
GET /items/{key}
GET /items/{key}/files/{name}
GET /agencies/{key}
GET /office/items/{key}
POST /office/items/{key}/review
GET /api/v1/items/{id}
GET /api/v1/items/{id}/form
GET /apply/{item}
POST /apply/{item}
GET /window/new/{item}
POST /window/new/{item}
GET /desk/enter/{item}
POST /desk/enter/{item}
GET /resume/{token}
GET /approve/{code}
POST /approve/{code}
GET /sign-in/with/{key}
GET /sign-in/with/{key}/back
POST /sign-in/with/{key}/back
GET /oauth/resume/{id}
GET /oauth/consent/{id}
POST /oauth/consent/{id}
POST /my/consents/{client}/withdraw
GET /admin/clients/{id}
GET /admin/clients/{id}/edit
POST /admin/clients/{id}
POST /admin/clients/{id}/suspend
POST /admin/clients/{id}/secret
GET /admin/providers/edit/{key}
POST /admin/providers/edit/{key}
GET /admin/providers/check/{key}
GET /admin/providers/changes/{id}
GET /privacy/complaints/{id}
POST /privacy/complaints/{id}/answer
POST /privacy/complaints/{id}/number
GET /privacy/delays/{id}
POST /privacy/delays/{id}/lift
POST /api/v1/elsewhere/{system}/events
GET /api/v1/elsewhere/{system}/cases/{id}/files/{file}
POST /ops/elsewhere/in/{id}
POST /ops/elsewhere/out/{id}
POST /ops/elsewhere/systems/{system}/reconcile
POST /admin/elsewhere/{system}/key
`)

func newMatrix(t *testing.T, c *city) *matrix {
	t.Helper()
	ctx := t.Context()
	p, ps := pack.Read(fstest.MapFS{
		"pack.yaml":     {Data: []byte("key: elsewhere\nversion: 1\nname: 邻区\nname_en: Next door\nrequires: [qinglan]\n")},
		"agencies.yaml": {Data: []byte(elsewhere)},
	})
	if len(ps) == 0 {
		_, ps, _ = c.Packs.Load(ctx, p)
	}
	if len(ps) > 0 {
		t.Fatalf("pack: %+v", ps)
	}
	m := &matrix{}
	for _, w := range []struct {
		name, account string
		role          authz.Role
	}{
		{nobody, "", authz.Visitor},
		{owner, "person:19900000101", authz.Person},
		{bare, "person:19900000101", authz.Person},
		{elder, "person:19900000103", authz.Person},
		{stranger, "person:19900000105", authz.Person},
		{reviewer, "staff:zhou-min", authz.Officer},
		{decider, "staff:lu-zheng", authz.Officer},
		{window, "staff:su-qing", authz.Clerk},
		{hall, "staff:he-jing", authz.Clerk},
		{colleague, "staff:tan-yi", authz.Officer},
		{civil, "staff:wei-chun", authz.Officer},
		{far, "staff:far-officer", authz.Officer},
		{watcher, "staff:gu-wei", authz.Supervisor},
		{farWatch, "staff:far-watch", authz.Supervisor},
		{admin, "staff:fang-yuan", authz.Admin},
		{security, "staff:qin-zhuo", authz.Security},
		{auditor, "staff:bai-lu", authz.Auditor},
		{operator, "staff:shi-lei", authz.Operator},
		{office, "staff:ning-ke", authz.ItemOffice},
		{marketOffice, "staff:qiao-bo", authz.ItemOffice},
		{lawyer, "staff:yan-heng", authz.Legal},
		{cityOffice, "staff:mu-yan", authz.ItemOffice},
		{cityOffice2, "staff:ruan-qiu", authz.ItemOffice},
		{cityLawyer, "staff:tao-ran", authz.Legal},
		{farOffice, "staff:far-office", authz.ItemOffice},
		{second, "staff:shen-ze", authz.Security},
		{farSec, "staff:far-security", authz.Security},
		{farAdmin, "staff:far-admin", authz.Admin},
		{farAudit, "staff:far-auditor", authz.Auditor},
		{farArchive, "staff:far-archivist", authz.Archivist},
		{agent, "person:19900000109", authz.Person},
		{narrowFor, "person:19900000108", authz.Person},
		{helper, "person:19900000110", authz.Person},
		{narrow, "person:19900000107", authz.Person},
	} {
		x := &who{name: w.name, role: w.role, http: browser(len(m.callers))}
		if w.account != "" {
			var err error
			if x.token, err = c.Demo().SignIn(ctx, kindOf(w.account), idOf(w.account)); err != nil {
				t.Fatal(err)
			}
		}
		m.callers = append(m.callers, x)
	}
	m.fill(t, c)
	return m
}

func (m *matrix) actor(t *testing.T, c *city, name string) authz.Actor {
	t.Helper()
	for _, w := range m.callers {
		if w.name == name {
			a, err := c.Identity.Actor(t.Context(), w.token)
			if err != nil || !a.Signed() {
				t.Fatalf("%s: %+v %v", name, a, err)
			}
			a.Via = "page"
			return a
		}
	}
	t.Fatalf("nobody is %s", name)
	return authz.Actor{}
}

// fill makes the objects: a food case of a firm that waits for its review and a draft of the same firm, an elder card with its paper and licence,
// a draft at a window, a token.
func (m *matrix) fill(t *testing.T, c *city) {
	t.Helper()
	ctx := t.Context()
	b, err := bench.Over(ctx, c.App)
	if err != nil {
		t.Fatal(err)
	}
	food, draftID, firm, err := b.FileFood(ctx)
	if err != nil {
		t.Fatal(err)
	}
	m.actFor(t, c, owner, identity.KindFirm, firm)
	given := m.mandates(t, c, firm)
	card, _, _ := elderCard(t, c.as(t, "person:19900000103"), "matrix-0001")
	c.settle(t)
	clerk := m.actor(t, c, hall)
	w, err := c.Cases.CreateDraftFor(ctx, clerk, "elder-card", "matrix-window", cases.Applicant{Kind: "person", Name: "沈玉英", Number: "580102194103071821", Phone: "19900000102"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.Cases.Case(ctx, m.actor(t, c, owner), food)
	if err != nil {
		t.Fatal(err)
	}
	file := ""
	for _, s := range d.Slots {
		for _, f := range s.Files {
			file = f.ID
		}
	}
	foodPaper := first(t, c, `SELECT id FROM paper_paper WHERE case_id = $1 ORDER BY id LIMIT 1`, food)
	cardPaper := first(t, c, `SELECT id FROM paper_paper WHERE case_id = $1 ORDER BY id LIMIT 1`, card)
	licence := first(t, c, `SELECT id FROM licence_licence WHERE case_id = $1`, card)
	message := first(t, c, `SELECT id FROM notify_message WHERE person = $1 ORDER BY id LIMIT 1`, m.actor(t, c, elder).PersonID)
	m.kept = w.ID
	acted := m.draftOf(t, c, agent, "food-licence-new")
	helped := m.draftOf(t, c, helper, "elder-card")
	m.objects = []object{
		{name: "a firm's case", at: map[string]string{"id": food, "file": file, "version": strconv.FormatInt(d.Version, 10)}, may: []string{owner, bare, agent}, routes: lines(`
GET /my/cases/{id}
GET /my/cases/{id}/receipt
GET /my/cases/{id}/files/{file}
GET /my/cases/{id}/withdraw
POST /my/cases/{id}/resubmit
POST /my/cases/{id}/withdraw
GET /api/v1/cases/{id}/receipt
POST /api/v1/cases/{id}/withdraw
POST /api/v1/cases/{id}/resubmit`)},
		{name: "rating one's own contact", at: map[string]string{"id": food}, may: []string{owner, bare, agent}, routes: lines(`
GET /my/cases/{id}/rate
POST /my/cases/{id}/rate`)},
		{name: "a firm's draft to be thrown away", at: map[string]string{"id": draftID}, may: []string{owner, bare}, mute: true, routes: lines(`
GET /drafts/{id}/discard
POST /drafts/{id}/discard
DELETE /api/v1/drafts/{id}`)},
		{name: "a draft to be thrown away", at: map[string]string{"id": w.ID}, may: []string{hall}, mute: true, routes: lines(`
POST /window/drafts/{id}/discard`)},
		{name: "a firm's case by API", at: map[string]string{"id": food}, may: []string{owner, agent, reviewer, decider, window, hall, watcher}, views: true, routes: lines(`
GET /api/v1/cases/{id}`)},
		{name: "an elder's case by API", at: map[string]string{"id": card}, may: []string{elder, helper, civil, hall, watcher}, views: true, routes: lines(`
GET /api/v1/cases/{id}`)},
		{name: "an elder's case", at: map[string]string{"id": card}, may: []string{elder, helper}, views: true, routes: lines(`
GET /my/cases/{id}
GET /my/cases/{id}/receipt`)},
		{name: "the pages of a draft begun by an agent", at: map[string]string{"id": acted, "section": "applicant"}, may: []string{owner, bare, agent}, views: true, routes: lines(`
GET /drafts/{id}/questions
GET /drafts/{id}/form/{section}
GET /drafts/{id}/materials
POST /drafts/{id}/questions
POST /drafts/{id}/contact
POST /drafts/{id}/submit`)},
		{name: "a draft begun by an agent", at: map[string]string{"id": acted}, may: []string{owner, agent}, views: true, routes: lines(`
GET /api/v1/drafts/{id}
PUT /api/v1/drafts/{id}
POST /api/v1/drafts/{id}/submit
POST /api/v1/drafts/{id}/sign`)},
		{name: "a draft begun by a helper", at: map[string]string{"id": helped}, may: []string{elder, helper}, views: true, routes: lines(`
GET /drafts/{id}/questions
GET /drafts/{id}/materials
POST /drafts/{id}/questions
POST /drafts/{id}/submit
GET /api/v1/drafts/{id}
PUT /api/v1/drafts/{id}
POST /api/v1/drafts/{id}/submit
POST /api/v1/drafts/{id}/sign`)},
		{name: "a firm's case at the desk", at: map[string]string{"id": food, "file": file}, may: []string{reviewer, decider, window, hall}, routes: lines(`
GET /desk/cases/{id}
GET /desk/cases/{id}/files/{file}
POST /desk/cases/{id}/reveal
POST /desk/cases/{id}/files/{file}/original
GET /desk/cases/{id}/receive
POST /desk/cases/{id}/receive
GET /desk/cases/{id}/accept
POST /desk/cases/{id}/accept
GET /desk/cases/{id}/take-up
POST /desk/cases/{id}/take-up
GET /desk/cases/{id}/release
POST /desk/cases/{id}/release
GET /desk/cases/{id}/assign
POST /desk/cases/{id}/assign
GET /desk/cases/{id}/suspend
POST /desk/cases/{id}/suspend
GET /desk/cases/{id}/resume
POST /desk/cases/{id}/resume
GET /desk/cases/{id}/extend
POST /desk/cases/{id}/extend
GET /desk/cases/{id}/terminate
POST /desk/cases/{id}/terminate
GET /desk/cases/{id}/transfer
POST /desk/cases/{id}/transfer
GET /desk/cases/{id}/lapse
POST /desk/cases/{id}/lapse
GET /desk/cases/{id}/void
POST /desk/cases/{id}/void
GET /desk/cases/{id}/refuse
POST /desk/cases/{id}/refuse
GET /desk/cases/{id}/correct
POST /desk/cases/{id}/correct
GET /desk/cases/{id}/opinion
POST /desk/cases/{id}/opinion
GET /desk/cases/{id}/inspect
POST /desk/cases/{id}/inspect
GET /desk/cases/{id}/decide
POST /desk/cases/{id}/decide
GET /desk/cases/{id}/on-the-spot
POST /desk/cases/{id}/on-the-spot
GET /desk/cases/{id}/deliver
POST /desk/cases/{id}/deliver
POST /api/v1/cases/{id}/acts/receive
POST /api/v1/cases/{id}/acts/accept
POST /api/v1/cases/{id}/acts/refuse-acceptance
POST /api/v1/cases/{id}/acts/correction
POST /api/v1/cases/{id}/acts/take-up
POST /api/v1/cases/{id}/acts/release
POST /api/v1/cases/{id}/acts/assign
POST /api/v1/cases/{id}/acts/suspend
POST /api/v1/cases/{id}/acts/resume
POST /api/v1/cases/{id}/acts/extend
POST /api/v1/cases/{id}/acts/terminate
POST /api/v1/cases/{id}/acts/transfer
POST /api/v1/cases/{id}/acts/lapse
POST /api/v1/cases/{id}/acts/void
POST /api/v1/cases/{id}/acts/inspection
POST /api/v1/cases/{id}/acts/opinion
POST /api/v1/cases/{id}/acts/decision
POST /api/v1/cases/{id}/acts/delivery`)},
		{name: "a case under supervision", at: map[string]string{"id": food}, may: []string{watcher}, views: true, routes: lines(`
GET /supervision/cases/{id}`)},
		{name: "a firm's draft", at: map[string]string{"id": draftID, "section": "1", "key": "layout-plan", "file": file}, may: []string{owner, bare}, routes: lines(`
GET /drafts/{id}
GET /drafts/{id}/questions
POST /drafts/{id}/questions
GET /drafts/{id}/form/{section}
POST /drafts/{id}/form/{section}
GET /drafts/{id}/contact
POST /drafts/{id}/contact
GET /drafts/{id}/conflict
POST /drafts/{id}/conflict
GET /drafts/{id}/materials
POST /drafts/{id}/materials
POST /drafts/{id}/licences
GET /drafts/{id}/check
GET /drafts/{id}/submit
POST /drafts/{id}/submit
GET /api/v1/drafts/{id}
PUT /api/v1/drafts/{id}
GET /api/v1/drafts/{id}/ready
POST /api/v1/drafts/{id}/submit
POST /api/v1/drafts/{id}/sign
POST /api/v1/drafts/{id}/materials/{key}
DELETE /api/v1/drafts/{id}/files/{file}
GET /api/v1/drafts/{id}/licences
POST /api/v1/drafts/{id}/licences`)},
		{name: "a clerk's draft", at: map[string]string{"id": w.ID, "material": "photo", "file": file}, may: []string{hall}, routes: lines(`
GET /window/drafts/{id}/questions
POST /window/drafts/{id}/questions
GET /window/drafts/{id}/form
POST /window/drafts/{id}/form
GET /window/drafts/{id}/materials
POST /window/drafts/{id}/materials/{material}
POST /window/drafts/{id}/materials/{material}/reuse
POST /window/drafts/{id}/original/{file}
GET /window/drafts/{id}/files/{file}
GET /window/drafts/{id}/check
POST /window/drafts/{id}/choices
POST /window/drafts/{id}/submit
GET /window/cases/{id}/receipt
POST /window/cases/{id}/visit`)},
		{name: "a paper of the firm's case", at: map[string]string{"id": foodPaper}, may: []string{owner, agent, reviewer, decider, window, hall, watcher}, views: true, routes: lines(`
GET /papers/{id}`)},
		{name: "a paper at the desk", at: map[string]string{"id": cardPaper}, may: []string{civil, hall}, routes: lines(`
GET /desk/papers/{id}`)},
		{name: "a person's licence", at: map[string]string{"id": licence}, may: []string{elder, helper}, views: true, routes: lines(`
GET /my/licences/{id}
GET /my/licences/{id}/pdf`)},
		{name: "a message", at: map[string]string{"id": message, "draft": w.ID}, may: []string{elder}, views: true, routes: lines(`
GET /my/messages/{id}`)},
	}
	m.doors(t, c, given)
	m.desk(t, c, food, card)
	m.watched(t, c, food)
	m.offices(t, c)
	m.webhooks(t, c)
	m.govstackMembers(t, c)
	m.promises(t, c, food, draftID)
	m.acts(food, draftID)
	m.talks(t, c, food)
	m.officersDesk(t, c, food)
	m.counters(t, c)
	m.operations(t, c, food, file)
	m.archives(t, c)
	m.reports(t, c)
}

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func first(t *testing.T, c *city, query string, args ...any) string {
	t.Helper()
	var id string
	if err := c.DB.R().QueryRowContext(t.Context(), query, args...).Scan(&id); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return id
}

// actFor makes a caller's session act for somebody.
func (m *matrix) actFor(t *testing.T, c *city, name, kind, id string) {
	t.Helper()
	if err := c.Identity.ActFor(t.Context(), m.actor(t, c, name), kind, id); err != nil {
		t.Fatalf("%s cannot act for %s: %v", name, id, err)
	}
}
