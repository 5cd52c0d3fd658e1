package registry

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/base/signedcall"
)

var at = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

const lin, linFirm = "580102199605182647", "91580102MACXM7P15Q"

func demo(t *testing.T) *Server {
	t.Helper()
	b, err := os.ReadFile("../../../packs/qinglan/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, ps := Load(packfile.File{Path: "demo.yaml", Data: b})
	if len(ps) > 0 || len(d.People) != 16 || len(d.Firms) != 6 || len(d.Accounts) == 0 {
		t.Fatalf("%d people, %d firms, problems %+v", len(d.People), len(d.Firms), ps)
	}
	return New(Config{KeyID: "k", Key: []byte("key"), AdminToken: "adm", Now: func() time.Time { return at }}, d)
}

var nonce int

// post signs as a client would; change may spoil the request.
func post(s *Server, path, body string, change func(r *http.Request)) (int, map[string]any) {
	nonce++
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	stamp, n := strconv.FormatInt(at.UnixMilli(), 10), "n"+strconv.Itoa(nonce)
	r.Header.Set("X-Tongban-Key", "k")
	r.Header.Set("X-Tongban-Time", stamp)
	r.Header.Set("X-Tongban-Nonce", n)
	r.Header.Set("X-Tongban-Sign", signedcall.Of([]byte("key"), "POST", path, stamp, n, []byte(body)))
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	var out map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &out)
	return w.Code, out
}

func TestOnlySignedFreshRequestsAreAnswered(t *testing.T) {
	s := demo(t)
	body := `{"number":"` + lin + `","purpose":"test","case":""}`
	if st, out := post(s, "/population/person", body, nil); st != 200 || out["name"] != "林小满" || out["note"] != "" {
		t.Fatalf("%d %v", st, out)
	}
	for what, change := range map[string]func(r *http.Request){
		"no signature": func(r *http.Request) { r.Header.Del("X-Tongban-Sign") },
		"other key":    func(r *http.Request) { r.Header.Set("X-Tongban-Key", "x") },
		"other path":   func(r *http.Request) { r.URL.Path = "/population/verify" },
		"other body":   func(r *http.Request) { r.Body = http.NoBody },
		"old": func(r *http.Request) {
			old := strconv.FormatInt(at.Add(-6*time.Minute).UnixMilli(), 10)
			r.Header.Set("X-Tongban-Time", old)
			r.Header.Set("X-Tongban-Sign", signedcall.Of([]byte("key"), "POST", r.URL.Path, old, r.Header.Get("X-Tongban-Nonce"), []byte(body)))
		},
		"repeat": func(r *http.Request) {
			r.Header.Set("X-Tongban-Nonce", "n1")
			r.Header.Set("X-Tongban-Sign", signedcall.Of([]byte("key"), "POST", r.URL.Path, r.Header.Get("X-Tongban-Time"), "n1", []byte(body)))
		},
	} {
		if st, out := post(s, "/population/person", body, change); st != 401 {
			t.Errorf("%s: %d %v", what, st, out)
		}
	}
	if st, _ := post(s, "/population/person", `{"number":"`+lin+`"}`, nil); st != 400 {
		t.Errorf("without a purpose: %d", st)
	}
}

func TestVerify(t *testing.T) {
	s := demo(t)
	for _, c := range []struct{ name, number, phone, result, phoneSays string }{
		{"林小满", lin, "19900000101", "match", "match"},
		{"林小满", lin, "19900000102", "match", "other"},
		{"林小满", lin, "", "match", "unknown"},
		{"林大满", lin, "19900000101", "no_match", "unknown"},
		{"林小满", "110101199003070070", "", "no_match", "unknown"},
		{"罗守正", "580102193802112317", "", "dead", "unknown"},
		{"迪丽努尔•艾山江", "580427198511030481", "", "match", "unknown"},
		{"dubois marie claire", "95825019880714126X", "", "match", "unknown"},
		{"<", lin, "", "no_match", "unknown"},
	} {
		b, err := json.Marshal(map[string]string{"name": c.name, "number": c.number, "phone": c.phone})
		if err != nil {
			t.Fatal(err)
		}
		if st, out := post(s, "/population/verify", string(b), nil); st != 200 || out["result"] != c.result || out["phone"] != c.phoneSays {
			t.Errorf("%+v: %d %v", c, st, out)
		}
	}
}

func TestTheAdminChangesAndSwitches(t *testing.T) {
	s := demo(t)
	admin := func(path, body, token string) int {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Code
	}
	change := `{"number":"` + lin + `","field":"household_address","value":"新址"}`
	if st := admin("/admin/person", change, "wrong"); st != 401 {
		t.Errorf("wrong token: %d", st)
	}
	if st := admin("/admin/person", change, "adm"); st != 200 {
		t.Errorf("change: %d", st)
	}
	if _, out := post(s, "/population/person", `{"number":"`+lin+`","purpose":"t"}`, nil); out["household_address"] != "新址" {
		t.Errorf("%v", out)
	}
	if st := admin("/admin/person", `{"number":"`+lin+`","field":"id_number","value":"1"}`, "adm"); st != 404 {
		t.Errorf("a field that cannot change: %d", st)
	}
	if st := admin("/admin/firm", `{"credit_code":"`+linFirm+`","field":"status","value":"吊销"}`, "adm"); st != 200 {
		t.Errorf("firm: %d", st)
	}
	if _, out := post(s, "/documents", `{"holder_number":"`+linFirm+`"}`, nil); len(out["documents"].([]any)) != 0 {
		t.Errorf("a revoked firm holds %v", out)
	}
	if st := admin("/admin/switch", `{"registry":"firms","on":false}`, "adm"); st != 200 || s.Up(Firms) || !s.Up(Population) {
		t.Errorf("switch: %d", st)
	}
	if st, _ := post(s, "/firms/firm", `{"credit_code":"`+linFirm+`"}`, nil); st != 503 {
		t.Errorf("switched off: %d", st)
	}
	if st := New(Config{}, Data{}).adminStatus(); st != 401 {
		t.Errorf("a server without a token takes an empty one: %d", st)
	}
}

func (s *Server) adminStatus() int {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("POST", "/admin/switch", strings.NewReader(`{"registry":"firms","on":false}`)))
	return w.Code
}

func TestLoadFindsEverything(t *testing.T) {
	_, ps := Load(packfile.File{Path: "demo.yaml", Data: []byte(`people:
  - {id_number: "580102199605182640", id_kind: citizen, name: 林小满, sex: 女, birth: "1996-05-18", household_address: x, phone: "1", alive: true, photo: "", note: ""}
  - {id_number: "580102199605182647", id_kind: hkmt, name: "<b>", sex: F, birth: "1996-05-19", household_address: x, phone: "", alive: true, photo: "", note: ""}
  - {id_number: "580102199605182647", id_kind: citizen, name: 林小满, sex: 女, birth: "1996-05-18", household_address: x, phone: "", alive: true, photo: "", note: ""}
firms:
  - {credit_code: 91580102MACXM7P15R, name: "", kind: 企业, legal_person_id: "1", legal_person_name: x, address: x, premises: x, scope: x, established: 2026-3-16, status: 存续, licence_no: "1"}
accounts:
  - {login_phone: "19900000101", person: "2", firms: [x], label: y}
`)})
	want := []string{
		"2 cnid.id_check", "2 cnid.mobile_wrong", "3 identity.demo_kind", "3 identity.demo_birth", "3 cnid.name_chars", "3 identity.demo_sex", "4 identity.demo_twice",
		"6 cnid.credit_check", "6 identity.demo_empty", "6 identity.demo_date", "6 identity.demo_nobody", "8 identity.demo_nobody", "8 identity.demo_no_firm",
	}
	if len(ps) != len(want) {
		t.Fatalf("%d problems: %+v", len(ps), ps)
	}
	for i, p := range ps {
		if got := strconv.Itoa(p.Line) + " " + p.Key; got != want[i] || !i18n.Has(p.Key) {
			t.Errorf("%d: %s, want %s", i, got, want[i])
		}
	}
	if _, ps := Load(packfile.File{Path: "demo.yaml", Data: []byte("people: []\nfirms: []\nacounts: []\n")}); len(ps) != 1 || ps[0].Key != "packfile.unknown" {
		t.Errorf("a misspelt key: %+v", ps)
	}
}

func TestGuardianIsToldOfTheLivingOnly(t *testing.T) {
	s := demo(t)
	const mother, child = "580121198701262246", "580102201306011151"
	relation := func(guardian, ward string) any {
		t.Helper()
		st, out := post(s, "/population/guardian", `{"guardian":"`+guardian+`","ward":"`+ward+`"}`, nil)
		if st != 200 {
			t.Fatalf("%d %v", st, out)
		}
		return out["relation"]
	}
	for _, c := range []struct{ guardian, ward, want string }{
		{mother, child, "母亲"}, {child, mother, ""}, {lin, child, ""}, {mother, "", ""}, {"", "", ""}, {mother, mother, ""},
	} {
		if got := relation(c.guardian, c.ward); got != c.want {
			t.Errorf("%s of %s = %v, want %q", c.guardian, c.ward, got, c.want)
		}
	}
	s.SetGuardian(lin, child, "姨母")
	if got := relation(lin, child); got != "姨母" {
		t.Errorf("appointed: %v", got)
	}
	s.SetPerson(mother, "alive", "false")
	if got := relation(mother, child); got != "" {
		t.Errorf("a dead guardian: %v", got)
	}
	s.SetGuardian(lin, child, "")
	if got := relation(lin, child); got != "" {
		t.Errorf("taken away: %v", got)
	}
}

func TestGuardiansOfTheDataAreChecked(t *testing.T) {
	_, ps := Load(packfile.File{Path: "demo.yaml", Data: []byte("people: []\nfirms: []\naccounts: []\nguardians:\n  - {guardian: \"1\", ward: \"2\", relation: \"\"}\n")})
	if len(ps) != 3 {
		t.Errorf("%+v", ps)
	}
}
