package lex

import "testing"

func TestNear(t *testing.T) {
	l := lexicon(t)
	cases := []struct {
		a, b     string
		distance int
		near     bool
	}{
		{"营业执照", "营业执照", 0, true},
		{"营业直照", "营业执照", 1, true},       // sounds the same
		{"身分证", "身份证", 1, true},         // sounds the same
		{"准生正", "准生证", 1, true},         // sounds the same
		{"居住证", "居主证", 1, true},         // zhu
		{"宁业执照", "营业执照", 1, true},       // one character
		{"营业照执", "营业执照", 1, true},       // swapped
		{"食品经营许克正", "食品经营许可证", 1, true}, // sounds the same
		{"食品经菅许可i", "食品经营许可证", 2, true}, // two characters of seven
		{"结婚", "离婚", 1, false},          // too short for a writing error
		{"养老保险", "医疗保险", 2, false},
		{"户口", "户口登记簿", 3, false},
	}
	for _, c := range cases {
		d, near := l.Near(c.a, c.b)
		if near != c.near || near && d != c.distance {
			t.Errorf("Near(%s, %s) = %d, %v, want %d, %v", c.a, c.b, d, near, c.distance, c.near)
		}
	}
}

func TestCorrect(t *testing.T) {
	l := lexicon(t)
	c := l.Corrector([]string{"食品经营许可证核发", "营业执照", "居民身份证办理", "生育登记服务", "公共租赁住房申请", "取水许可证新办"}, nil)
	for said, want := range map[string]string{
		"营业直照怎么办":                   "营业执照怎么办",
		"身分正丢了":                     "身份证丢了",
		"准生正":                       "准生证",
		"食品经赢许可证":                   "食品经营许可证",
		"营业照执":                      "营业执照",
		"zanzhuzheng 在哪里办":          "暂住证 在哪里办",
		"gongzufang zenme shenqing": "公租房 怎么 申请",
		"zhucegongsi":               "注册公司",
		"yingyezhizhao":             "营业执照",
		"sbk丢了":                     "社保卡丢了",
	} {
		if got, ok := c.Correct(said); !ok || got != want {
			t.Errorf("Correct(%s) = %s, %v, want %s", said, got, ok, want)
		}
	}
}

// Sentences of ordinary words are left as they are.
func TestCorrectLeavesGoodQuestionsAlone(t *testing.T) {
	l := lexicon(t)
	c := l.Corrector([]string{"食品经营许可证核发", "营业执照", "居民身份证办理", "户口登记", "客运班线"}, nil)
	for _, said := range []string{
		"我爸驾照过期了", "办理身份证要多久", "公司的营业执照要怎么改", "孩子在外地上学户口怎么迁", "乡下老屋拆了重新修要报批吗",
		"茶馆放两台机器", "led 大屏", "wifi", "营业执照", "", "食品经营许可证",
	} {
		if got, ok := c.Correct(said); ok {
			t.Errorf("Correct(%s) = %s", said, got)
		}
	}
}

// A question is put right among 200,000 words in less than a millisecond of work: no word is looked at that shares no form with what was typed.
func TestCorrectLooksAtFewWords(t *testing.T) {
	c := largeCorrector(lexicon(t))
	if len(c.words) < 200_000 {
		t.Fatalf("%d words", len(c.words))
	}
	if got, ok := c.Correct("食品营业直照丢了"); !ok || got != "食品营业执照丢了" {
		t.Errorf("Correct = %s, %v", got, ok)
	}
	most := 0
	for _, form := range []string{"s" + c.l.sound("营业直照"), "pyingyezhizhao", "w营业?照"} {
		most = max(most, len(c.filed(form)))
	}
	if most > 50 {
		t.Errorf("%d words share a form", most)
	}
}
