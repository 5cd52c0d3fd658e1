// Package webtest is a browser without a screen for tests of pages: it keeps cookies, follows redirects, reads pages with goquery, fills and sends
// forms, and fails the test on anything no page of ours may hold (inline script or style, a raw text key, a form without a label). Only tests import it.
package webtest

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Client is one visitor.
type Client struct {
	t    testing.TB
	base string
	http *http.Client
	Lang string // Accept-Language of every request
}

// Page is an answer that was read.
type Page struct {
	*goquery.Document
	t      testing.TB
	c      *Client
	Status int
	URL    *url.URL
	Header http.Header
	Raw    []byte
}

// New makes a visitor of a handler, over a real connection on loopback.
func New(t testing.TB, h http.Handler) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return Visit(t, srv.URL)
}

// Visit makes a visitor of a server that is running.
func Visit(t testing.TB, base string) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{t: t, base: base, http: &http.Client{Jar: jar}}
}

// Another makes a second visitor of the same server, with no cookies.
func (c *Client) Another() *Client { return Visit(c.t, c.base) }

// Get reads a page and checks its status.
func (c *Client) Get(path string, status int) *Page {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodGet, c.url(path), nil) //nolint:noctx // a test ends with its server
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do(r, status)
}

func (c *Client) url(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return c.base + path
}

// Post sends a form as a browser of this site would.
func (c *Client) Post(path string, form url.Values, status int) *Page {
	c.t.Helper()
	return c.Send(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), status)
}

// Upload sends a form with one file.
func (c *Client) Upload(path string, form url.Values, field, name string, data []byte, status int) *Page {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, vs := range form {
		for _, v := range vs {
			_ = w.WriteField(k, v)
		}
	}
	f, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = f.Write(data)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	_ = w.Close()
	return c.Send(http.MethodPost, path, w.FormDataContentType(), &b, status)
}

// Send sends any body.
func (c *Client) Send(method, path, mime string, body io.Reader, status int, head ...string) *Page {
	c.t.Helper()
	r, err := http.NewRequest(method, c.url(path), body) //nolint:noctx // a test ends with its server
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", mime)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return c.do(r, status)
}

func (c *Client) do(r *http.Request, status int) *Page {
	c.t.Helper()
	if c.Lang != "" {
		r.Header.Set("Accept-Language", c.Lang)
	}
	res, err := c.http.Do(r) //nolint:bodyclose // closed below
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	p := &Page{t: c.t, c: c, Status: res.StatusCode, URL: res.Request.URL, Header: res.Header, Raw: raw}
	if status != 0 && res.StatusCode != status {
		c.t.Fatalf("%s %s = %d, want %d\n%s", r.Method, r.URL.Path, res.StatusCode, status, text(raw))
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		p.Document, err = goquery.NewDocumentFromReader(bytes.NewReader(raw))
		if err != nil {
			c.t.Fatal(err)
		}
		p.check()
	}
	return p
}

// text is the readable part of a page, for failure messages.
func text(raw []byte) string {
	d, err := goquery.NewDocumentFromReader(bytes.NewReader(raw))
	if err != nil {
		return string(raw)
	}
	s := strings.Join(strings.Fields(d.Find("main, body").First().Text()), " ")
	if r := []rune(s); len(r) > 1500 {
		s = string(r[:1500])
	}
	return s
}

// rawKey is a text key that was shown instead of its text, e.g. "cases.accepted".
var rawKey = regexp.MustCompile(`(?:^|\s)(?:base|ui|org|orgweb|notify|notifyweb|factor|identity|identityweb|mandate|federation|sso|privacy|face|catalog|catalogweb|paper|licence|licenceweb|cases|casesweb|deskweb|rating|ratingweb|supervision|supervisionweb|portal|form|flow|cnid|design|designer|designer_flow|designer_table|designer_paper|directory|rule|search)\.[a-z_]+(?:\.[a-z_]+)*(?:\s|$)`)

// check fails the test on what no page may hold.
func (p *Page) check() {
	p.t.Helper()
	if p.Find("script:not([src]):not([type='application/json'])").Length() > 0 || p.Find("style, [style]").Length() > 0 {
		p.t.Errorf("%s holds inline script or style", p.URL.Path)
	}
	body := p.Find("body").Clone()
	body.Find("code, pre, script, textarea").Remove()
	if m := rawKey.FindString(body.Text()); m != "" {
		p.t.Errorf("%s shows a raw text key %q", p.URL.Path, strings.TrimSpace(m))
	}
	p.Find("input:not([type=hidden]):not([type=submit]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("id")
		_, label := s.Attr("aria-label")
		_, by := s.Attr("aria-labelledby")
		if !label && !by && s.Closest("label").Length() == 0 && (id == "" || p.Find(`label[for="`+id+`"]`).Length() == 0) {
			p.t.Errorf("%s: input %q has no label", p.URL.Path, s.AttrOr("name", id))
		}
	})
	if p.Find("h1").Length() != 1 {
		p.t.Errorf("%s has %d h1", p.URL.Path, p.Find("h1").Length())
	}
}

// Text is the readable text of a part of the page, white space folded.
func (p *Page) Text(selector string) string {
	return strings.Join(strings.Fields(p.Find(selector).Text()), " ")
}

// Wants fails the test unless the page says each of these.
func (p *Page) Wants(texts ...string) *Page {
	p.t.Helper()
	body := p.Text("body")
	for _, s := range texts {
		if !strings.Contains(body, s) {
			p.t.Errorf("%s does not say %q\n%s", p.URL.Path, s, text(p.Raw))
		}
	}
	return p
}

// Lacks fails the test if the page holds any of these anywhere, in its source too.
func (p *Page) Lacks(texts ...string) *Page {
	p.t.Helper()
	for _, s := range texts {
		if bytes.Contains(p.Raw, []byte(s)) {
			p.t.Errorf("%s holds %q", p.URL.Path, s)
		}
	}
	return p
}

// Form reads a form with everything it would send, hidden and chosen values too.
func (p *Page) Form(selector string) (action string, values url.Values) {
	p.t.Helper()
	f := p.Find(selector).First()
	if f.Length() == 0 {
		p.t.Fatalf("%s has no form %s\n%s", p.URL.Path, selector, text(p.Raw))
	}
	values = url.Values{}
	f.Find("input, select, textarea").Each(func(_ int, s *goquery.Selection) { add(values, s) })
	to, err := p.URL.Parse(f.AttrOr("action", p.URL.Path))
	if err != nil {
		p.t.Fatal(err)
	}
	return to.String(), values
}

func add(values url.Values, s *goquery.Selection) {
	name, ok := s.Attr("name")
	if !ok || s.AttrOr("disabled", "-") != "-" {
		return
	}
	_, checked := s.Attr("checked")
	switch kind := s.AttrOr("type", ""); {
	case goquery.NodeName(s) == "select":
		values.Add(name, s.Find("option[selected]").AttrOr("value", s.Find("option").First().AttrOr("value", "")))
	case goquery.NodeName(s) == "textarea":
		values.Add(name, s.Text())
	case kind == "submit" || kind == "file" || kind == "button":
	case (kind == "checkbox" || kind == "radio") && !checked:
	default:
		values.Add(name, s.AttrOr("value", ""))
	}
}

// Submit sends a form of the page with changes; a value of one empty string removes the field.
func (p *Page) Submit(selector string, changes url.Values, status int) *Page {
	p.t.Helper()
	action, values := p.Form(selector)
	for k, v := range changes {
		values[k] = v
	}
	return p.c.Post(action, values, status)
}

// Follow follows the first link whose text holds s.
func (p *Page) Follow(s string) *Page {
	p.t.Helper()
	var to string
	p.Find("a[href]").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if strings.Contains(a.Text(), s) {
			to = a.AttrOr("href", "")
		}
		return to == ""
	})
	u, err := p.URL.Parse(to)
	if to == "" || err != nil {
		p.t.Fatalf("%s has no link %q\n%s", p.URL.Path, s, text(p.Raw))
	}
	return p.c.Get(u.String(), http.StatusOK)
}
