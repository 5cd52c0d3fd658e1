package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

const secret, origin = "a secret of the test only", "https://zwfw.example.gov.cn"

func start(t *testing.T) (*agent, *httptest.Server, func(time.Time)) {
	t.Helper()
	now := time.Unix(1_800_000_000, 0)
	a := &agent{origin: origin, secret: secret, device: newSimulator(), now: func() time.Time { return now }, used: map[string]int64{}}
	srv := httptest.NewServer(a.handler())
	t.Cleanup(srv.Close)
	return a, srv, func(at time.Time) { now = at }
}

func ask(a *agent, nonce string) question {
	exp := a.now().Add(2 * time.Minute).Unix()
	return question{nonce, exp, sum(secret, "read\n"+nonce+"\n"+strconv.FormatInt(exp, 10))}
}

func call(t *testing.T, srv *httptest.Server, from string, q question) (int, map[string]string, http.Header) {
	t.Helper()
	b, _ := json.Marshal(q)
	r, _ := http.NewRequest(http.MethodPost, srv.URL+"/v1/read", strings.NewReader(string(b))) //nolint:noctx // ends with the test
	r.Header.Set("Origin", from)
	r.Header.Set("Content-Type", "application/json")
	res, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]string
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, out, res.Header
}

func lay(t *testing.T, srv *httptest.Server, number string) {
	t.Helper()
	res, err := srv.Client().PostForm(srv.URL+"/card", url.Values{"number": {number}})
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(err, res)
	}
	_ = res.Body.Close()
}

func TestOneQuestionOneRead(t *testing.T) {
	a, srv, set := start(t)
	if st, got, _ := call(t, srv, origin, ask(a, "n0")); st != http.StatusConflict || got["error"] != "no_card" {
		t.Errorf("without a card: %d %v", st, got)
	}
	lay(t, srv, "580102194103071821")
	q := ask(a, "n1")
	st, got, h := call(t, srv, origin, q)
	if st != http.StatusOK || got["proof"] != sum(secret, "card\nn1\n"+got["card"]) || !strings.Contains(got["card"], "沈玉英") {
		t.Errorf("read: %d %v", st, got)
	}
	if h.Get("Access-Control-Allow-Origin") != origin {
		t.Errorf("CORS %q", h.Get("Access-Control-Allow-Origin"))
	}
	lay(t, srv, "580102194103071821")
	if st, _, _ := call(t, srv, origin, q); st != http.StatusForbidden {
		t.Errorf("the same question again: %d", st)
	}
	late := ask(a, "n2")
	set(a.now().Add(3 * time.Minute))
	if st, _, _ := call(t, srv, origin, late); st != http.StatusForbidden {
		t.Errorf("a late question: %d", st)
	}
}

func TestOnlyThePlatformIsAnswered(t *testing.T) {
	a, srv, _ := start(t)
	lay(t, srv, "580102194103071821")
	if st, _, h := call(t, srv, "https://evil.example", ask(a, "n1")); st != http.StatusForbidden || h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another site: %d %v", st, h)
	}
	forged := ask(a, "n2")
	forged.Ticket = sum("another secret", "read\nn2\n"+strconv.FormatInt(forged.Expires, 10))
	if st, _, _ := call(t, srv, origin, forged); st != http.StatusForbidden {
		t.Errorf("a ticket of somebody else: %d", st)
	}
	r, _ := http.NewRequest(http.MethodPost, srv.URL+"/card", strings.NewReader("number=580102194103071821")) //nolint:noctx // ends with the test
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://evil.example")
	res, err := srv.Client().Do(r)
	if err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("another site lays a card: %v %v", res, err)
	}
}

func TestTheMakersProgram(t *testing.T) {
	c, err := parseLine("沈玉英|女|汉|19410307|渡口巷12号|580102194103071821|清澜市公安局|20060401-长期")
	if err != nil || c.Birth != "1941-03-07" || c.ValidFrom != "2006-04-01" || c.ValidUntil != "" {
		t.Errorf("%+v %v", c, err)
	}
	for _, bad := range []string{"", "a|b", "沈玉英|女|汉|1941|渡口巷|1|局|20060401-长期"} {
		if _, err := parseLine(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, err := (program{[]string{"false"}}).Read(t.Context()); err == nil {
		t.Error("a program that failed gave a card")
	}
	got, err := (program{[]string{"echo", "沈玉英|女|汉|1941.03.07|巷|580102194103071821|局|2006.04.01-2036.04.01"}}).Read(t.Context())
	if err != nil || got.ValidUntil != "2036-04-01" {
		t.Errorf("%+v %v", got, err)
	}
}
