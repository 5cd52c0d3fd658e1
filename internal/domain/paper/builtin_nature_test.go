package paper

import (
	"strings"
	"testing"

	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
)

func textOf(t Template) string {
	var b strings.Builder
	for _, x := range t.Layout.Blocks {
		b.WriteString(x.Text + "\n")
	}
	return b.String()
}

// Every act of every nature has a built-in paper that says what the law wants on it, whatever a pack lacks.
func TestEveryNatureHasItsBuiltInPapers(t *testing.T) {
	doc, bad := packfile.Decode(packfile.File{Path: "x.yaml", Data: []byte("a: 1\n")}, &map[string]any{})
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	for key, tpl := range builtin() {
		if ps := append(CheckLayout(doc, tpl.Layout, PlaceNames(tpl.Act)), tpl.checkLaw(doc)...); len(ps) > 0 {
			t.Errorf("%s: %+v", key, ps)
		}
	}
	for _, n := range item.Natures {
		for _, act := range Acts {
			if _, ok := pick(builtinFor(act), Request{Nature: n}); !ok {
				t.Errorf("%s of %s has no paper", act, n)
			}
		}
	}
}

// A filing is not granted like a licence: each nature has the law's own name for its papers, and only a licence cites the law of licences.
func TestPapersFollowTheNature(t *testing.T) {
	for _, c := range []struct{ act, nature, variant, title string }{
		{Grant, "licence", "", "准予行政许可决定书"},
		{Refuse, "licence", "", "不予行政许可决定书"},
		{Grant, "licence", "partly", "部分准予行政许可决定书"},
		{Accept, "licence", "", "行政许可申请受理通知书"},
		{RefuseAcceptance, "licence", "not_needed", "不需要取得行政许可告知书"},
		{RefuseAcceptance, "licence", "not_cured", "行政许可申请不予受理决定书"},
		{Grant, "registration", "", "准予登记通知书"},
		{Refuse, "registration", "", "不予登记通知书"},
		{Grant, "filing", "", "备案回执"},
		{Refuse, "filing", "", "不予备案告知书"},
		{Accept, "filing", "", "备案材料接收通知书"},
		{Grant, "benefit", "", "准予行政给付决定书"},
		{Refuse, "benefit", "", "不予行政给付决定书"},
		{Grant, "confirmation", "", "行政确认决定书"},
		{Refuse, "confirmation", "", "不予行政确认决定书"},
		{Grant, "reward", "", "行政奖励决定书"},
		{Grant, "ruling", "", "行政裁决书"},
		{Grant, "service", "", "办结通知书"},
		{Grant, "service", "partly", "部分办理通知书"},
		{Refuse, "service", "", "不予办理告知书"},
		{RefuseAcceptance, "service", "not_needed", "无需办理告知书"},
		{Refuse, "other", "", "不予办理告知书"},
	} {
		got, _ := pick(builtinFor(c.act), Request{Nature: c.nature, Variant: c.variant})
		if got.Title != c.title {
			t.Errorf("%s of %s %s: %s, want %s", c.act, c.nature, c.variant, got.Title, c.title)
		}
		if cites := strings.Contains(textOf(got), "行政许可法"); cites && c.nature != "licence" {
			t.Errorf("%s cites the law of licences", got.Title)
		}
	}
}

// A pack's own paper stands before ours, save where ours alone is made for the ground.
func TestAPacksOwnPaperStandsFirst(t *testing.T) {
	packs := []Template{{Key: "own", Act: RefuseAcceptance}, {Key: "their-ground", Act: RefuseAcceptance, Variants: []string{"safety_bar"}}}
	for variant, want := range map[string]string{"": "own", "not_cured": "own", "safety_bar": "their-ground", "not_needed": "builtin-refuse_acceptance-licence-not_needed"} {
		if got, _ := prefer(packs, Request{Act: RefuseAcceptance, Nature: "licence", Variant: variant}); got.Key != want {
			t.Errorf("%s: %s, want %s", variant, got.Key, want)
		}
	}
}
