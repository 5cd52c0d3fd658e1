package lex

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTokensHaveWordsWithinWords(t *testing.T) {
	l := lexicon(t)
	cases := []struct {
		text string
		want []string
	}{
		{"食品经营许可证核发", []string{"食品", "经营", "许可", "许可证", "食品经营许可证", "核发"}},
		{"国有建设用地使用权及房屋所有权转移登记", []string{"建设用地", "房屋", "所有权", "转移登记", "登记"}},
		{"不动产权属证明", []string{"不动产", "产权", "权属", "证明"}}, // overlapping words
		{"举办焰火晚会", []string{"焰火", "晚会"}},               // not in the dictionary as one
		{"犬类准养证核发", []string{"犬", "犬类", "准养"}},         // a telling character alone
		{"办理ＡＢＣ１２３号", []string{"abc123"}},              // a code whole, half width, lower case
		{"511A0141900000-511602000000", []string{"511a0141900000", "511602000000"}},
		{"營業執照補領", []string{"营业执照", "营业", "执照", "补领"}}, // traditional
	}
	for _, c := range cases {
		got := l.Tokens(c.text)
		for _, w := range c.want {
			if !slices.Contains(got, w) {
				t.Errorf("Tokens(%s) lacks %s: %v", c.text, w, got)
			}
		}
	}
}

// Whatever pair of neighbouring characters is asked for is a token, known or not.
func TestTokensHaveEveryPair(t *testing.T) {
	l := lexicon(t)
	text := []rune("清澜市鳌峰街道居民区犇鑫饭馆餐饮服务许可")
	tokens := l.Tokens(string(text))
	for i := range len(text) - 1 {
		if pair := string(text[i : i+2]); !slices.Contains(tokens, pair) {
			t.Errorf("no token %s", pair)
		}
	}
}

func TestExtraWordsDoNotChangeTokens(t *testing.T) {
	plain := lexicon(t)
	more, err := New([]Synonym{{Said: "清澜码", Terms: []string{"电子社会保障卡"}}})
	if err != nil {
		t.Fatal(err)
	}
	const text = "清澜码申领与电子社会保障卡签发"
	if a, b := plain.Tokens(text), more.Tokens(text); !slices.Equal(a, b) {
		t.Errorf("tokens differ: %v and %v", a, b)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"ＡＢｃ（１２）":     "abc(12)",
		"營業執照臺灣":      "营业执照台湾",
		"a\x00b\xffc": "a b c",
		"已折叠 abc":     "已折叠 abc",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestVersionNamesTheDictionary(t *testing.T) {
	if v := Version(); len(v) != 12 {
		t.Errorf("Version = %q", v)
	}
}

func FuzzTokensAndQuery(f *testing.F) {
	l := lexicon(f)
	c := l.Corrector([]string{"食品经营许可证"}, nil)
	for _, s := range []string{"", "我爸驾照过期了", "不", "不\xff了", "ＡＢＣ", "食品\x00经营", "𠮷野家", "zanzhuzheng 在哪办", "開個飯店", "\u3000 \n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, token := range l.Tokens(s) {
			if token == "" || !utf8.ValidString(token) || strings.ContainsAny(token, " \t\n") {
				t.Errorf("Tokens(%q) has %q", s, token)
			}
		}
		q := l.Query(s)
		for _, term := range slices.Concat(q.Must, q.Should) {
			if !utf8.ValidString(term.Text) || !(term.Weight > 0 && term.Weight <= 1) || len(term.Tokens)+len(term.Alts) == 0 {
				t.Errorf("Query(%q) has %+v", s, term)
			}
		}
		if fixed, _ := c.Correct(s); !utf8.ValidString(fixed) {
			t.Errorf("Correct(%q) = %q", s, fixed)
		}
		l.Pinyin(s)
	})
}
