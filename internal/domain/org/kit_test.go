package org_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
)

// ladder is a tree of five levels with a second county beside the first; every agency has the posts work, window, chief (a supervisor), sec, adm
// and aud, two officers of security s1 and s2, a system administrator adm and a worker w.
var ladder = []struct{ key, code, parent, level string }{
	{"prov", "580000", "", "province"},
	{"city", "580100", "580000", "city"},
	{"county", "580102", "580100", "county"},
	{"beside", "580103", "580100", "county"},
	{"town", "580102001", "580102", "town"},
	{"village", "580102001001", "580102001", "village"},
}

func creditCode(n int) string {
	body := fmt.Sprintf("5801%04d", n)
	first := "11580102" + body + string(cnid.OrgCodeCheck(body))
	return first + string(cnid.CreditCodeCheck(first))
}

func ladderPack() []packfile.File {
	var regs, ags strings.Builder
	regs.WriteString("regions:\n")
	ags.WriteString("agencies:\n")
	for i, l := range ladder {
		fmt.Fprintf(&regs, "  - {code: %q, name: %s, parent: %q, level: %s}\n", l.code, l.key, l.parent, l.level)
		fmt.Fprintf(&ags, `  - key: %[1]s
    code: %[2]q
    name: %[1]s机关
    short: %[1]s
    region: %[3]q
    nature: "1"
    government: 人民政府
    court: 人民法院
    address: 橡树街1号
    phone: "0588-1234567"
    complaint_phone: "0588-1234568"
    seal: {name: 机关, purpose: 审批专用章}
    number_mark: 清江
    posts:
      - {key: %[1]s-work, name: 经办岗, acts: [accept, decide], items: ["*"], roles: [officer]}
      - {key: %[1]s-window, name: 窗口岗, acts: [receive], items: ["*"], roles: [clerk]}
      - {key: %[1]s-sec, name: 安全岗, acts: [], items: [], roles: [security]}
      - {key: %[1]s-adm, name: 系统岗, acts: [], items: [], roles: [admin]}
      - {key: %[1]s-aud, name: 审计岗, acts: [], items: [], roles: [auditor]}
      - {key: %[1]s-chief, name: 监督岗, acts: [], items: [], roles: [supervisor]}
    staff:
      - {key: %[1]s-s1, login: %[1]s.s1, name: 秦一, posts: [%[1]s-sec], phone: "1990000%[4]d1"}
      - {key: %[1]s-s2, login: %[1]s.s2, name: 秦二, posts: [%[1]s-sec], phone: "1990000%[4]d2"}
      - {key: %[1]s-adm, login: %[1]s.adm, name: 方远, posts: [%[1]s-adm], phone: "1990000%[4]d3"}
      - {key: %[1]s-w, login: %[1]s.w, name: 苏晴, posts: [%[1]s-work], phone: "1990000%[4]d4"}
`, l.key, creditCode(i+1), l.code, 100+i)
	}
	return pack(regs.String(), ags.String())
}

// hall is the ladder loaded, with a clock that tests turn.
type hall struct {
	*org.Service
	t    *testing.T
	d    *db.DB
	now  time.Time
	told []org.Notice
	live map[string]int // items in use by agency
	gone error          // the catalogue's answer, when it has none
}

// LiveItems is the catalogue org asks.
func (h *hall) LiveItems(_ context.Context, agency string) (int, error) {
	return h.live[agency], h.gone
}

func openHall(t *testing.T, d *db.DB) *hall {
	t.Helper()
	h := &hall{t: t, d: d, now: noon}
	h.Service = org.New(org.Deps{DB: d, Vault: vault.New(testKeys), Now: func() time.Time { return h.now }, Items: h, Send: func(_ context.Context, _ *db.Tx, _ time.Time, m org.Notice) error {
		h.told = append(h.told, m)
		return nil
	}})
	if ps := h.CheckSection(t.Context(), ladderPack(), nil); len(ps) > 0 {
		t.Fatalf("the ladder: %+v", ps)
	}
	load(t, d, h.Service, ladderPack())
	return h
}

// as is an account with the roles it has now, as identity makes it.
func (h *hall) as(id string) authz.Actor {
	h.t.Helper()
	st, err := h.Staff(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	if st.Disabled {
		return authz.Actor{}
	}
	return authz.Actor{StaffID: id, Roles: st.Roles, AgencyID: st.Agency, Posts: st.Posts, Via: "page", Origin: "10.0.0.9"}
}

// day turns the clock to a time of a date in Asia/Shanghai.
func (h *hall) day(date, hour string) {
	h.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05.000", date+" "+hour, clock.Shanghai)
	if err != nil {
		h.t.Fatal(err)
	}
	h.now = at
}

// propose is a proposal that must be taken.
func (h *hall) propose(by string, c org.Change) string {
	h.t.Helper()
	id, err := h.Propose(h.t.Context(), h.as(by), c, "工作需要")
	if err != nil {
		h.t.Fatalf("%s proposes %+v: %v", by, c, err)
	}
	return id
}

// grant is a change proposed by one and approved by others.
func (h *hall) grant(by, second string, c org.Change) string {
	h.t.Helper()
	id := h.propose(by, c)
	if err := h.Review(h.t.Context(), h.as(second), id, true, ""); err != nil {
		h.t.Fatalf("%s approves %+v: %v", second, c, err)
	}
	return id
}

func (h *hall) join(login, phone string, posts []string, from, until string) string {
	h.t.Helper()
	h.grant("county-s1", "county-s2", org.Change{Kind: org.Join, Login: login, Name: "买买提·艾力", Phone: phone, Agency: "county", Posts: posts, From: from, Until: until})
	st, err := h.StaffByLogin(h.t.Context(), login)
	if err != nil {
		h.t.Fatal(err)
	}
	return st.ID
}

func (h *hall) may(id string) bool {
	return h.StaffMay(context.Background(), id, "decide", "elder-card")
}

// keysOf lists the text keys of an error and its findings.
func keysOf(err error) string {
	if err == nil {
		return ""
	}
	var e interface{ Error() string }
	if !errors.As(err, &e) {
		return ""
	}
	return e.Error()
}
