package face_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/identity/face"
	fake "tongban/internal/fake/face"
)

// The client is what identity asks.
var _ identity.Face = (*face.Client)(nil)

const back = "https://ql.example/sign-in/face/back"

// kit is a client of a running provider; every request passes through spoil.
type kit struct {
	*face.Client
	srv   *httptest.Server
	fake  *fake.Server
	mu    sync.Mutex
	at    time.Time
	spoil func(r *http.Request)
	last  *http.Request
	body  []byte
}

func (k *kit) now() time.Time { k.mu.Lock(); defer k.mu.Unlock(); return k.at }

func (k *kit) pass(d time.Duration) { k.mu.Lock(); defer k.mu.Unlock(); k.at = k.at.Add(d) }

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{at: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	key := []byte("shared by platform and provider")
	k.fake = fake.New(fake.Config{KeyID: "k", Key: key, Now: k.now})
	h := k.fake.Handler()
	k.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(k.body))
		k.last = r.Clone(r.Context())
		if k.spoil != nil {
			k.spoil(r)
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(k.srv.Close)
	k.fake.SetPlaces(k.srv.URL, "https://ql.example")
	k.Client = face.New(face.Config{URL: k.srv.URL + "/", KeyID: "k", Key: key, Now: k.now})
	return k
}

// choose presses a button of the provider's page and gives where it leads.
func (k *kit) choose(t *testing.T, page, how string) (status int, location string) {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.PostForm(page, url.Values{"how": {how}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, res.Header.Get("Location")
}

func TestACheckEndsAsThePersonChooses(t *testing.T) {
	for how, want := range map[string]struct{ done, passed bool }{"pass": {true, true}, "fail": {true, false}, "abandon": {false, false}} {
		k := newKit(t)
		id, page, err := k.Begin(t.Context(), "林小满", "580102199605182647", back+"?next=%2Fmy")
		if err != nil {
			t.Fatal(err)
		}
		if r, err := k.Result(t.Context(), id); err != nil || r.Done || r.Passed || !r.At.IsZero() {
			t.Fatalf("before the camera: %+v, %v", r, err)
		}
		k.pass(time.Minute)
		if st, to := k.choose(t, page, how); st != 303 || to != back+"?id="+id+"&next=%2Fmy" {
			t.Errorf("%s leads to %d %s", how, st, to)
		}
		r, err := k.Result(t.Context(), id)
		if err != nil || r.Done != want.done || r.Passed != want.passed || r.Done != r.At.Equal(k.at) {
			t.Errorf("%s: %+v, %v", how, r, err)
		}
		if _, err := k.Result(t.Context(), id); !errs.Is(err, "face.over") {
			t.Errorf("%s told twice: %v", how, err)
		}
		if st, _ := k.choose(t, page, "pass"); st != 410 {
			t.Errorf("decided twice: %d", st)
		}
	}
}

func TestTheDemonstrationPageSaysSoAndShowsNoName(t *testing.T) {
	k := newKit(t)
	_, page, err := k.Begin(t.Context(), "林小满", "580102199605182647", back)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(page) //nolint:noctx // a test ends with its server
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	if s := string(b); !strings.Contains(s, "这是演示") || strings.Contains(s, "林小满") || strings.Contains(s, "580102") || strings.Count(s, `name="how"`) != 3 {
		t.Errorf("%s", s)
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://ql.example;") {
		t.Errorf("CSP %s", csp)
	}
}

func TestWhatIsRefused(t *testing.T) {
	k := newKit(t)
	if _, err := k.Result(t.Context(), "nobody"); !errs.Is(err, "face.unknown") {
		t.Errorf("unknown: %v", err)
	}
	for _, to := range []string{"https://evil.example/x", "https://ql.example@evil.example/", "https://ql.example.evil.example/", "//ql.example/", "/x", "javascript:1", ""} {
		if _, _, err := k.Begin(t.Context(), "林小满", "580102199605182647", to); err == nil {
			t.Errorf("leads back to %q", to)
		}
	}
	id, page, err := k.Begin(t.Context(), "林小满", "580102199605182647", back)
	if err != nil {
		t.Fatal(err)
	}
	k.pass(11 * time.Minute)
	if st, _ := k.choose(t, page, "pass"); st != 410 {
		t.Errorf("eleven minutes later: %d", st)
	}
	if _, err := k.Result(t.Context(), id); !errs.Is(err, "face.over") {
		t.Errorf("eleven minutes later: %v", err)
	}
	k.fake.Switch(false)
	if _, _, err := k.Begin(t.Context(), "林小满", "580102199605182647", back); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("switched off: %v", err)
	}
	k.srv.Close()
	if _, err := k.Result(t.Context(), id); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("gone: %v", err)
	}
	for _, key := range []string{"face.away", "face.unknown", "face.over"} {
		if !i18n.Has(key) {
			t.Errorf("%s has no words", key)
		}
	}
}

func TestOnlySignedFreshRequestsCount(t *testing.T) {
	for what, spoil := range map[string]func(r *http.Request){
		"no signature": func(r *http.Request) { r.Header.Del("X-Tongban-Sign") },
		"other key":    func(r *http.Request) { r.Header.Set("X-Tongban-Key", "x") },
		"other body":   func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"id":"x"}`)) },
		"other time":   func(r *http.Request) { r.Header.Set("X-Tongban-Time", "1") },
	} {
		k := newKit(t)
		k.spoil = spoil
		if _, _, err := k.Begin(t.Context(), "林小满", "580102199605182647", back); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	k := newKit(t)
	if _, _, err := k.Begin(t.Context(), "林小满", "580102199605182647", back); err != nil {
		t.Fatal(err)
	}
	again := httptest.NewRequest(http.MethodPost, "/face/start", bytes.NewReader(k.body))
	again.Header = k.last.Header
	w := httptest.NewRecorder()
	k.fake.Handler().ServeHTTP(w, again)
	var out map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 401 || out["error"] != "replay" {
		t.Errorf("a repeat: %d %v", w.Code, out)
	}
	k.pass(6 * time.Minute)
	w = httptest.NewRecorder()
	again.Body = io.NopCloser(bytes.NewReader(k.body))
	k.fake.Handler().ServeHTTP(w, again)
	if w.Code != 401 {
		t.Errorf("six minutes old: %d", w.Code)
	}
}
