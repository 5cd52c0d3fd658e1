package catalogweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/catalog/search"
)

var legalReview = authz.Actor{StaffID: "law", AgencyID: "civil", Via: "page", Roles: []authz.Role{authz.Legal}}

func TestTheItemOfficeLooksAfterEverydayWords(t *testing.T) {
	p := open(t, "food-licence", "elder-card")
	p.actor = itemOffice
	page := p.Get("/office/search?said="+url.QueryEscape("敬老票"), http.StatusOK)
	if _, values := page.Form("form[action='/office/search']"); values.Get("said") != "敬老票" {
		t.Errorf("the form does not hold the word it was opened for: %v", values)
	}
	bad := p.Post("/office/search", url.Values{"said": {"敬老票"}, "terms": {" "}}, http.StatusUnprocessableEntity)
	bad.Wants("请至少填写一个对应的规范用语")

	p.Post("/office/search", url.Values{"said": {"敬老票"}, "terms": {"优待证、老年人优待"}}, http.StatusOK).Wants("马上生效")
	list := p.Get("/office/search?added", http.StatusOK).Wants("敬老票", "优待证、老年人优待", "马上生效")
	p.Get("/items?q="+url.QueryEscape("敬老票怎么办"), http.StatusOK).Wants("老年人优待证申领")
	p.Get("/office/search/test?q="+url.QueryEscape("敬老票怎么办"), http.StatusOK).Wants("老年人优待证申领", "同义词：敬老票→优待证", "所有的词都找到了")

	stall := p.Get("/office/search/test?q="+url.QueryEscape("摆摊"), http.StatusOK).Wants("新办（没有说，推测的）")
	for _, cell := range stall.Find("td").EachIter() {
		if strings.HasPrefix(cell.Text(), "new") || strings.Contains(cell.Text(), "、new ") {
			t.Error("the key of an intent stands on the page")
		}
	}
	list.Submit("form.action-form", nil, http.StatusOK).Wants("已经删除")
	p.Get("/office/search?removed", http.StatusOK).Wants("还没有添加过群众用语")
	dbtest.WantCounts(t, p.d, map[string]int{"catalog_synonym": 1}) // kept, for the record
}

func TestLegalReviewMayLookAtSearchAndChangeNothing(t *testing.T) {
	p := open(t, "elder-card")
	p.actor = legalReview
	p.Get("/office/search", http.StatusOK).Lacks("添加群众用语")
	p.Get("/office/search/test?q="+url.QueryEscape("老年证"), http.StatusOK).Lacks("添加为群众用语")
	p.Get("/office/search/missed", http.StatusOK)
	p.Post("/office/search", url.Values{"said": {"敬老票"}, "terms": {"优待证"}}, http.StatusForbidden)
	p.Post("/office/search/x/remove", nil, http.StatusForbidden)
	p.actor = authz.Actor{PersonID: "p", Roles: []authz.Role{authz.Person}}
	for _, path := range []string{"/office/search", "/office/search/test", "/office/search/missed"} {
		p.Get(path, http.StatusForbidden)
	}
}

func TestWhatIsNotFoundIsListed(t *testing.T) {
	p := open(t, "elder-card")
	words := p.catalog.Words()
	r, err := words.Find(t.Context(), search.Query{Text: "火星移民签证"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		words.Note(search.Asked{Result: r, Sender: fmt.Sprintf("10.0.0.%d", i), First: true})
	}
	if err := words.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.actor = itemOffice
	p.Get("/office/search/missed", http.StatusOK).Wants("火星", "40", "添加为群众用语")
}
