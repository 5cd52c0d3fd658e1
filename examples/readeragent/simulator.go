package main

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"sync"
)

// simulator stands in for a reader: somebody puts one of the demo city's cards on it in a page of this PC.
type simulator struct {
	mu  sync.Mutex
	now *card
}

func newSimulator() *simulator { return &simulator{} }

// cards are those of people of the demo city, all invented; the last one has expired.
var cards = []card{
	{"林小满", "女", "汉", "1996-05-18", "清澜市清江区望江街道石栏路36号2幢501室", "580102199605182647", "清澜市公安局清江分局", "2016-06-01", "2036-06-01"},
	{"沈玉英", "女", "汉", "1941-03-07", "清澜市清江区望江街道渡口巷12号101室", "580102194103071821", "清澜市公安局清江分局", "2006-04-01", ""},
	{"贺怀仁", "男", "汉", "1960-08-30", "清澜市清江区柳桥街道桂花里8幢302室", "580102196008303179", "清澜市公安局清江分局", "2010-09-01", ""},
	{"高云", "男", "汉", "1989-09-22", "清澜市澜山区松风路77号", "58010319890922449X", "清澜市公安局澜山分局", "2020-02-10", "2040-02-10"},
	{"覃美朵", "女", "壮", "1987-01-26", "清澜市云溪县竹坪镇上竹村三组", "580121198701262246", "清澜市公安局云溪分局", "2017-03-15", "2037-03-15"},
	{"苗长河", "男", "汉", "1961-11-22", "清澜市云溪县竹坪镇上竹村五组", "580121196111221592", "清澜市公安局云溪分局", "2005-01-10", "2025-01-10"},
}

// Read gives the card that lies there and takes it away, as a person would.
func (s *simulator) Read(context.Context) (card, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		return card{}, errNoCard
	}
	c := *s.now
	s.now = nil
	return c, nil
}

var pageTemplate = template.Must(template.New("").Parse(`<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>模拟读卡器</title>
<main><h1>模拟读卡器</h1><p>{{with .Now}}读卡器上放着：{{.}}{{else}}读卡器上没有证件。{{end}}</p>
{{range .Cards}}<form method="post" action="/card"><button name="number" value="{{.Number}}">{{.Name}} {{.Number}}{{with .ValidUntil}}，{{.}} 到期{{end}}</button></form>{{end}}</main>`))

func (s *simulator) page(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	name := ""
	if s.now != nil {
		name = s.now.Name
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
	_ = pageTemplate.Execute(w, struct {
		Now   string
		Cards []card
	}{name, cards})
}

// put lays a card on the reader; only this PC's own page may, not a form of another site.
func (s *simulator) put(w http.ResponseWriter, r *http.Request) {
	if o := r.Header.Get("Origin"); o != "" {
		if u, err := url.Parse(o); err != nil || u.Host != r.Host {
			http.Error(w, "forbidden", http.StatusForbidden)
			return
		}
	}
	for _, c := range cards {
		if c.Number == r.FormValue("number") {
			s.mu.Lock()
			s.now = &c
			s.mu.Unlock()
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
	}
	http.NotFound(w, r)
}
