package lex

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// means tells whether a question is expanded to a term, and what it was drawn from.
func means(q Query, term string) (via string, ok bool) {
	for _, t := range slices.Concat(q.Must, q.Should) {
		if t.Text == term {
			return t.Text, true
		}
		for _, a := range t.Alts {
			if a.Text == term {
				return a.Via, true
			}
		}
	}
	return "", false
}

func TestEverydayWordsBecomeTermsOfTheField(t *testing.T) {
	l := lexicon(t)
	cases := []struct{ said, term, via string }{
		{"我爸驾照过期了", "机动车驾驶证", "驾照"},
		{"开个饭店要什么证", "食品经营许可", "开个饭店"},
		{"想在家开网店", "个体工商户", "开网店"},
		{"租房合同要去哪里登记", "房屋租赁", "租房合同"},
		{"房产证丢了", "不动产登记", "房产证丢了"},
		{"怎么吃低保", "最低生活保障", "吃低保"},
		{"失业金怎么领", "失业保险金", "失业金"},
		{"准生证", "生育登记", "准生证"},
		{"烟证到期", "烟草专卖零售许可证", "烟证"},
		{"妈妈坐轮椅想改厕所", "无障碍改造", "轮椅 厕所"},
		{"医保想在外省用", "异地就医备案", "医保 外省"},
		{"开個飯店", "食品经营许可", "开个饭店"},
	}
	for _, c := range cases {
		if via, ok := means(l.Query(c.said), c.term); !ok || via != c.via {
			t.Errorf("%s: %s via %q, %v; want via %q", c.said, c.term, via, ok, c.via)
		}
	}
}

func TestIntents(t *testing.T) {
	l := lexicon(t)
	cases := []struct{ said, intent, implied string }{
		{"驾照过期了", IntentRenew, "换领"},
		{"身份证弄丢了", IntentReplace, "补领"},
		{"执照丢了", IntentReplace, "遗失"},
		{"公司换老板", IntentChange, "变更"},
		{"饭店关门了", IntentCancel, "注销"},
		{"不卖烟了", IntentCancel, "注销"},
		{"货车年审", IntentInspect, "年审"},
		{"房产证多少钱", IntentFee, ""},
		{"房产证几天能办好", IntentTime, ""},
		{"社保在哪办", IntentPlace, ""},
		{"低保什么条件", IntentWho, ""},
		{"护照要带什么材料", IntentPapers, ""},
		{"护照过期了多少钱", IntentRenew, "换领"}, // the matter comes before what is asked about it
		{"食品经营许可证", "", ""},
	}
	for _, c := range cases {
		q := l.Query(c.said)
		if q.Intent != c.intent {
			t.Errorf("%s: intent %q, want %q", c.said, q.Intent, c.intent)
		}
		if c.implied == "" {
			continue
		}
		if _, ok := means(q, c.implied); !ok {
			t.Errorf("%s does not imply %s: %+v", c.said, c.implied, q.Should)
		}
	}
}

func TestAgainstHasOtherStepsOnly(t *testing.T) {
	l := lexicon(t)
	if q := l.Query("食品经营许可证怎么办"); !slices.Contains(q.Against, "注销") || !slices.Contains(q.Against, "补办") {
		t.Errorf("a new licence is not against 注销 and 补办: %v", q.Against)
	}
	if q := l.Query("食品经营许可证注销"); slices.Contains(q.Against, "注销") || !slices.Contains(q.Against, "补办") {
		t.Errorf("注销 is against itself: %v", q.Against)
	}
	if q := l.Query("饭店不开了"); slices.Contains(q.Against, "注销") {
		t.Errorf("不开了 is against 注销: %v", q.Against)
	}
}

func TestChatterIsLeftOut(t *testing.T) {
	l := lexicon(t)
	q := l.Query("你好，我想问一下残疾证怎么办理，需要什么材料")
	if len(q.Must) != 1 || q.Must[0].Text != "残疾证" {
		t.Errorf("Must = %+v", q.Must)
	}
	if len(q.Chatter) == 0 {
		t.Error("no chatter")
	}
	// Only generic words: they are looked for after all.
	if q := l.Query("登记"); len(q.Must) == 0 {
		t.Error("nothing to look for in 登记")
	}
	if q := l.Query("怎么办"); len(q.Must) != 0 {
		t.Errorf("Must of chatter = %+v", q.Must)
	}
}

func TestPeopleAndAudience(t *testing.T) {
	l := lexicon(t)
	q := l.Query("80岁老人有没有补贴")
	if !slices.Contains(q.Ages, "elder") {
		t.Errorf("Ages = %v", q.Ages)
	}
	if _, ok := means(q, "高龄"); !ok {
		t.Errorf("高龄 is not meant: %+v", q)
	}
	if q := l.Query("我们公司要给员工交社保"); q.Audience != "firm" {
		t.Errorf("Audience = %q", q.Audience)
	}
}

func TestUnknownWordsAreLookedForAsPairs(t *testing.T) {
	q := lexicon(t).Query("犇鑫饭馆")
	for _, m := range q.Must {
		if m.Text == "犇鑫" && slices.Equal(m.Tokens, []string{"犇鑫"}) {
			return
		}
	}
	t.Errorf("犇鑫 is not looked for: %+v", q.Must)
}

// What a question says literally is found in a text that says the same.
func TestLiteralQuestionMatchesItsOwnText(t *testing.T) {
	l := lexicon(t)
	for _, text := range []string{"食品经营许可证核发", "举办焰火晚会", "开饭店", "拖拉机/联合收割机驾驶证初次申领", "重度残疾人护理补贴", "县级文物保护单位修缮许可"} {
		tokens := l.Tokens(text)
		for _, m := range l.Query(text).Must {
			for _, w := range m.Tokens {
				if !slices.Contains(tokens, w) {
					t.Errorf("%s: token %s of %s is not in its own index %v", text, w, m.Text, tokens)
				}
			}
		}
	}
}

func TestExtraSynonyms(t *testing.T) {
	l, err := New([]Synonym{{Said: "清澜码", Terms: []string{"电子社会保障卡"}}, {Said: "驾照", Terms: []string{"交警窗口"}, Weight: 0.4}})
	if err != nil {
		t.Fatal(err)
	}
	if via, ok := means(l.Query("清澜码怎么领"), "电子社会保障卡"); !ok || via != "清澜码" {
		t.Errorf("清澜码: %q %v", via, ok)
	}
	q := l.Query("驾照")
	if _, ok := means(q, "交警窗口"); !ok {
		t.Error("the added term is missing")
	}
	if _, ok := means(q, "机动车驾驶证"); !ok {
		t.Error("the embedded terms are lost")
	}
	for _, bad := range []Synonym{{Said: " ", Terms: []string{"a"}}, {Said: "词"}, {Said: strings.Repeat("长", 30), Terms: []string{"a"}}} {
		if _, err := New([]Synonym{bad}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestQueriesAtTheSameTime(t *testing.T) {
	l := lexicon(t)
	want := len(l.Query("我爸驾照过期了").Should)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got := len(l.Query("我爸驾照过期了").Should); got != want {
					t.Errorf("%d terms, want %d", got, want)
				}
				l.Tokens("食品经营许可")
				l.Pinyin("重庆")
			}
		})
	}
	wg.Wait()
}

// The dictionary of everyday words is large and every phrase of it is understood.
func TestEverydayDictionary(t *testing.T) {
	l := lexicon(t)
	p, err := everyday()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for said, f := range p.by {
		if f.variant || len(f.alts) == 0 {
			continue
		}
		n++
		if q := l.Query(said); len(q.Must)+len(q.Should) == 0 {
			t.Errorf("%s is not understood", said)
		}
		for _, a := range f.alts {
			if len(a.Tokens) == 0 {
				t.Errorf("%s: %s has no tokens", said, a.Text)
			}
		}
	}
	if n < 1500 {
		t.Errorf("%d phrases, want 1500 or more", n)
	}
}
