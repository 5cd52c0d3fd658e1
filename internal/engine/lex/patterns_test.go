package lex

import (
	"slices"
	"testing"
)

// Turns of speech tell the step whatever the matter is; each line of patterns.tsv is met by one of these.
func TestTurnsOfSpeechTellWhatIsWanted(t *testing.T) {
	l := lexicon(t)
	for said, want := range map[string]string{
		"药店不想再做刷卡这行了":   IntentCancel,
		"客运站的牌照退回去":     IntentCancel,
		"班车还想接着跑":       IntentRenew,
		"线路经营期到头，期都到":   IntentRenew,
		"营运证旧的换新":       IntentRenew,
		"房产证淋糊":         IntentReplace,
		"饭馆换另外的厨房":      IntentChange,
		"驾校登记登成反的":      IntentChange,
		"学籍挪回县城":        IntentMove,
		"社保查得到哪年":       IntentLook,
		"养老金每年都要刷脸":     IntentInspect,
		"打算在村口摆烧烤":      IntentNew,
		"饭店不开了，饭店怎么处理":  IntentCancel,
		"食品经营许可证":       "",
		"不知道孩子多大能上学":    "",
		"没有到现场，可以委托别人吗": "",
	} {
		if got := l.Query(said).Intent; got != want {
			t.Errorf("%s: intent %q, want %q", said, got, want)
		}
	}
}

func TestEveryPatternHasWordsAndAKey(t *testing.T) {
	p, err := everyday()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.patterns) < 10 {
		t.Fatalf("%d patterns", len(p.patterns))
	}
	for _, turn := range p.patterns {
		if turn.key == "" || turn.said.MatchString("") || len(p.implied[turn.intent]) == 0 {
			t.Errorf("%s %s: no key, matches everything or implies nothing", turn.intent, turn.said)
		}
	}
	for _, bad := range [][]string{{IntentNew, "想"}, {IntentNew, "想", "("}, {"unknown", "想", "想"}} {
		if err := p.readPattern(nil, bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// A step without a matter is likely only beside a matter; alone it is what is asked for.
func TestAStepWithoutAMatterStepsAside(t *testing.T) {
	l := lexicon(t)
	musts := func(said string) []string {
		var out []string
		for _, m := range l.Query(said).Must {
			out = append(out, m.Text)
		}
		return out
	}
	if got := musts("诊所想换个名字"); !slices.Equal(got, []string{"诊所"}) {
		t.Errorf("诊所想换个名字 is about %v", got)
	}
	if got := musts("换个名字"); !slices.Equal(got, []string{"换个名字"}) {
		t.Errorf("换个名字 is about %v", got)
	}
	for rest, want := range map[string]bool{"": true, "名字": true, "法人代表的地址": true, "诊所": false, "户口": false} {
		if bare(rest) != want {
			t.Errorf("bare(%s) = %v", rest, !want)
		}
	}
}

// Single everyday words are near words of the field, whatever the matter.
func TestEverydayWordsOfAllWalksOfLifeAreNearTheField(t *testing.T) {
	l := lexicon(t)
	for said, term := range map[string]string{
		"光缆":   "电缆",
		"刷脸":   "资格认证",
		"漏交":   "补缴",
		"挪走":   "移植",
		"分店":   "分支机构",
		"拆成":   "分立",
		"卖画":   "艺术品",
		"黄葛树":  "古树名木",
		"捡到娃娃": "捡拾弃婴",
		"塔吊":   "建筑起重机械",
		"流水席":  "餐饮",
		"苗族":   "民族成份",
		"装水表":  "供水报装",
		"讨薪":   "劳动人事争议仲裁",
	} {
		if _, ok := means(l.Query("我家"+said+"怎么办"), term); !ok {
			t.Errorf("%s does not mean %s", said, term)
		}
	}
}
