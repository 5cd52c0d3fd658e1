package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"
)

// plain follows nothing and keeps no cookies. Every request has its own connection, so that none is sent again behind our back.
var plain = &http.Client{
	Timeout:       30 * time.Second,
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// call is one request of the ledger. It is sent again, byte for byte, until it is answered.
type call struct {
	who    string
	method string
	path   string
	key    string // Idempotency-Key
	kind   string // Content-Type
	body   []byte
	done   func(answer) error // what the client has learned when it is acknowledged

	tries  int
	status int // of the acknowledgement; 0 while there is none
}

func (c *call) String() string {
	return fmt.Sprintf("%s: %s %s (key %s)", c.who, c.method, c.path, c.key)
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) ok() bool { return a.status/100 == 2 || a.status == http.StatusSeeOther }

func (a answer) into(v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("answer %q: %w", a.body, err)
	}
	return nil
}

// code is the text key of a problem.
func (a answer) code() string {
	var p struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(a.body, &p)
	return p.Code
}

// ledger is every request that was sent and what was acknowledged.
type ledger struct {
	mu    sync.Mutex
	calls []*call
}

func (l *ledger) add(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
}

// open gives the requests that were never acknowledged.
func (l *ledger) open() []*call {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*call
	for _, c := range l.calls {
		if c.status == 0 {
			out = append(out, c)
		}
	}
	return out
}

// client is one account with its session.
type client struct {
	name   string // account: person:PHONE or staff:KEY
	firm   bool   // acts for its first firm
	cookie string
	l      *ledger
	s      *server
}

// lost says that no answer came; it is no fault while the server is being killed.
type lost struct{ error }

func (c *client) send(method, path, key, kind string, body []byte) (answer, error) {
	r, err := http.NewRequest(method, c.s.base+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if c.cookie != "" {
		r.Header.Set("Cookie", "session="+c.cookie)
		r.Header.Set("Sec-Fetch-Site", "same-origin") // as a browser on our page would
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if kind == formType {
		r.Header.Del("Idempotency-Key") // pages have none
		if key == autosave {
			r.Header.Set("X-Autosave", "1")
		}
	}
	resp, err := plain.Do(r)
	if err != nil {
		return answer{}, lost{err}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, lost{err} // half an answer is none
	}
	return answer{resp.StatusCode, resp.Header, b}, nil
}

// refusal is an answer that is no acknowledgement.
type refusal struct {
	k *call
	a answer
}

func (r refusal) Error() string {
	return fmt.Sprintf("%s (try %d): %d %s", r.k, r.k.tries, r.a.status, r.a.body)
}

// autosave in place of a key marks a form that the page's script saves by itself.
const autosave = "autosave"

const formType = "application/x-www-form-urlencoded"

// get reads; reads are not in the ledger.
func (c *client) get(path string) (answer, error) { return c.send(http.MethodGet, path, "", "", nil) }

func (c *client) getInto(path string, v any) error {
	a, err := c.get(path)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return fmt.Errorf("GET %s as %s: %d %s", path, c.name, a.status, a.body)
	}
	return a.into(v)
}

// do enters a request into the ledger and sends it.
func (c *client) do(k *call) error {
	k.who = c.name
	c.l.add(k)
	return c.try(k)
}

// try sends a request of the ledger. An answer that is no acknowledgement is an error.
func (c *client) try(k *call) error {
	k.tries++
	a, err := c.send(k.method, k.path, k.key, k.kind, k.body)
	if err != nil {
		return err
	}
	if !a.ok() {
		return refusal{k, a}
	}
	c.l.mu.Lock()
	k.status = a.status
	c.l.mu.Unlock()
	if k.done == nil {
		return nil
	}
	return k.done(a)
}

func jsonCall(method, path, key string, body any, done func(answer) error) *call {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return &call{method: method, path: path, key: key, kind: "application/json", body: b, done: done}
}

const boundary = "----tongban-crash-boundary"

// fileCall uploads one file; the same bytes go out each time.
func fileCall(path, key, name string, content []byte, done func(answer) error) *call {
	var b bytes.Buffer
	fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n", boundary, name)
	b.Write(content)
	fmt.Fprintf(&b, "\r\n--%s--\r\n", boundary)
	return &call{method: http.MethodPost, path: path, key: key, kind: "multipart/form-data; boundary=" + boundary, body: b.Bytes(), done: done}
}

var firmField = regexp.MustCompile(`name="kind" value="firm"[^>]*>\s*<input[^>]*name="id" value="([^"]+)"`)

// signIn opens a session by the demo's one click and, for a firm's client, acts for the firm.
func (c *client) signIn() error {
	a, err := c.send(http.MethodPost, "/demo/sign-in", "", formType, []byte(url.Values{"account": {c.name}}.Encode()))
	if err != nil {
		return err
	}
	r := http.Response{Header: a.header}
	for _, k := range r.Cookies() {
		if k.Name == "session" {
			c.cookie = k.Value
		}
	}
	if c.cookie == "" {
		return fmt.Errorf("sign in %s: %d %s", c.name, a.status, a.body)
	}
	if !c.firm {
		return nil
	}
	if a, err = c.get("/my/identity"); err != nil {
		return err
	}
	m := firmField.FindSubmatch(a.body)
	if m == nil {
		return fmt.Errorf("%s has no firm: %d", c.name, a.status)
	}
	a, err = c.send(http.MethodPost, "/my/act-for", "", formType, []byte(url.Values{"firm": {string(m[1])}}.Encode()))
	if err == nil && a.status != http.StatusSeeOther {
		err = fmt.Errorf("%s cannot act for its firm: %d %s", c.name, a.status, a.body)
	}
	return err
}
