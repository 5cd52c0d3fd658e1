package paper

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/domain/org"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestDatesAreChineseDates(t *testing.T) {
	for in, want := range map[string]string{
		"2026-03-16T09:00:00+08:00": "二〇二六年三月十六日",
		"2030-10-10T00:00:00+08:00": "二〇三〇年十月十日",
		"2026-11-20T12:00:00Z":      "二〇二六年十一月二十日",
		"2025-12-31T16:00:00Z":      "二〇二六年一月一日", // midnight in China
		"2026-12-31T15:59:59Z":      "二〇二六年十二月三十一日",
	} {
		if got := DateCN(at(in)); got != want {
			t.Errorf("DateCN(%s) = %s, want %s", in, got, want)
		}
	}
	if Year(at("2025-12-31T16:00:00Z")) != 2026 || DateText(at("2025-12-31T16:00:00Z")) != "2026年1月1日" || DateCN(time.Time{}) != "" {
		t.Error("year, running date or empty date")
	}
}

func TestNumber(t *testing.T) {
	if got := Number("{mark}受〔{year}〕{n}号", "清江市监食许", 2026, 12); got != "清江市监食许受〔2026〕12号" {
		t.Error(got)
	}
}

// The sentences a citizen relies on: who reviews, which court, within what time.
func TestRemediesFollowTheAgency(t *testing.T) {
	market := org.Agency{Name: "清澜市清江区市场监督管理局", Government: "清澜市清江区人民政府", Court: "清澜市清江区人民法院", ComplaintPhone: "0588-1"}
	tax := org.Agency{Name: "清澜市税务局", Government: "清澜市人民政府", Review: "澜州省税务局", Court: "清澜市中级人民法院"}
	for _, c := range []struct {
		a         org.Agency
		itemType  string
		want, not []string
	}{
		{market, "01", []string{"六十日内向清澜市清江区人民政府申请行政复议", "六个月内", "向清澜市清江区人民法院提起行政诉讼"}, nil},
		{tax, "07", []string{"向澜州省税务局申请行政复议"}, []string{"清澜市人民政府"}},
		{org.Agency{Name: "甲局"}, "05", []string{"本级人民政府", "有管辖权的人民法院"}, nil},
		{market, "10", []string{"0588-1", "12345"}, []string{"行政复议", "诉讼"}},
		{tax, "20", []string{"12345"}, []string{"行政复议", "（监督"}},
	} {
		got := Remedies(c.a, c.itemType)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %s lacks %s", c.itemType, got, w)
			}
		}
		for _, n := range c.not {
			if strings.Contains(got, n) {
				t.Errorf("%s: %s has %s", c.itemType, got, n)
			}
		}
	}
}

func TestPick(t *testing.T) {
	all := []Template{
		{Key: "a", ItemTypes: []string{"01"}},
		{Key: "b"},
		{Key: "c", ItemTypes: []string{"20"}},
		{Key: "d", Natures: []string{"filing"}},
		{Key: "e", Natures: []string{"filing"}, Variants: []string{"partly"}},
		{Key: "f", Variants: []string{"partly"}},
	}
	for _, x := range []struct{ itemType, nature, variant, want string }{
		{"01", "", "", "a"},
		{"20", "", "", "c"},
		{"07", "", "", "b"},
		{"10", "filing", "", "d"},
		{"10", "filing", "partly", "e"},
		{"01", "licence", "partly", "f"},
		{"01", "licence", "", "a"},
		{"07", "registration", "", "b"},
	} {
		if got, ok := pick(all, Request{ItemType: x.itemType, Nature: x.nature, Variant: x.variant}); !ok || got.Key != x.want {
			t.Errorf("%+v: %s", x, got.Key)
		}
	}
	if _, ok := pick(all[:1], Request{ItemType: "07"}); ok {
		t.Error("a template for another type was taken")
	}
}
