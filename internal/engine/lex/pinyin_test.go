package lex

import (
	"strings"
	"testing"
)

func TestPinyin(t *testing.T) {
	l := lexicon(t)
	for text, want := range map[string]string{
		"重庆":       "chong qing|cq",
		"长春":       "chang chun|cc",
		"长沙市长":     "chang sha shi zhang|cssz",
		"银行":       "yin hang|yh",
		"行业许可":     "hang ye xu ke|hyxk",
		"行政审批":     "xing zheng shen pi|xzsp",
		"机动车行驶证":   "ji dong che xing shi zheng|jdcxsz", // not 车行
		"会计证":      "kuai ji zheng|kjz",
		"重新办理":     "chong xin ban li|cxbl",
		"重大项目":     "zhong da xiang mu|zdxm",
		"长期护理":     "chang qi hu li|cqhl",
		"朝阳区":      "chao yang qu|cyq",
		"厦门":       "xia men|xm",
		"六安":       "lu an|la",
		"乐山":       "le shan|ls",
		"乐清":       "yue qing|yq",
		"教育部":      "jiao yu bu|jyb",
		"给付":       "ji fu|jf",
		"畜牧业":      "xu mu ye|xmy",
		"校验":       "jiao yan|jy",
		"调解":       "tiao jie|tj",
		"税率":       "shui lv|sl",
		"绿化":       "lv hua|lh",
		"西藏":       "xi zang|xz",
		"还款":       "huan kuan|hk",
		"App下载-2版": "app xia zai 2 ban|appxz2b",
		"居民身份證":    "ju min shen fen zheng|jmsfz",
	} {
		full, initials := l.Pinyin(text)
		if got := strings.Join(full, " ") + "|" + initials; got != want {
			t.Errorf("Pinyin(%s) = %s, want %s", text, got, want)
		}
	}
}

func TestPinyinName(t *testing.T) {
	l := lexicon(t)
	for name, want := range map[string]string{
		"单小红": "shan xiao hong", "解明": "xie ming", "查理文": "zha li wen", "区志强": "ou zhi qiang", "曾国": "zeng guo",
		"仇英": "qiu ying", "任丽": "ren li", "尉迟恭": "yu chi gong", "长孙无忌": "zhang sun wu ji", "张三": "zhang san", "单": "dan",
	} {
		full, _ := l.PinyinName(name)
		if got := strings.Join(full, " "); got != want {
			t.Errorf("PinyinName(%s) = %s, want %s", name, got, want)
		}
	}
}

// Every word of the tables has as many syllables as characters.
func TestReadingTables(t *testing.T) {
	for _, table := range []string{pinyinOwn, pinyinWords, pinyinSurnames} {
		eachReading(table, func(word string, syllables []string) {
			if runes(word) != len(syllables) {
				t.Errorf("%s has %d syllables", word, len(syllables))
			}
		})
	}
}
