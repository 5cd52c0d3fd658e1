package lex

import (
	"fmt"
	"testing"
)

// typical is what the catalogue indexes for one item: name, everyday words, a short summary.
const typical = "食品经营许可（新办） 开饭店 开餐馆 餐馆执照 卫生许可证 奶茶店 小吃店 面馆 火锅店 食堂许可证 " +
	"在本区从事食品销售和餐饮服务的，应当在开业前取得食品经营许可，网上申请，二十个工作日内办结。"

func BenchmarkTokens(b *testing.B) {
	l := lexicon(b)
	for b.Loop() {
		l.Tokens(typical)
	}
}

func BenchmarkQuery(b *testing.B) {
	l := lexicon(b)
	for b.Loop() {
		l.Query("我想在学校旁边开个奶茶店，要办什么证，营业执照到期了怎么办")
	}
}

func BenchmarkPinyin(b *testing.B) {
	l := lexicon(b)
	for b.Loop() {
		l.Pinyin("重庆市居民身份证换领（机动车行驶证）")
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := readDictionary(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCorrect puts one question right against 200,000 made-up names.
func BenchmarkCorrect(b *testing.B) {
	c := largeCorrector(lexicon(b))
	b.ResetTimer()
	for b.Loop() {
		c.Correct("食品营业直照丢了去哪里朴办")
	}
	b.ReportMetric(float64(len(c.words)), "words")
}

// largeCorrector knows more than 200,000 words.
func largeCorrector(l *Lexicon) *Corrector {
	var words []string
	heads := []rune("区县市省镇乡村路街店厂场站所院校馆园林水土山河湖海江桥车船机电气煤油盐糖酒烟茶药")
	for i := 0; len(words) < 200_000; i++ {
		n := len(heads)
		words = append(words, fmt.Sprintf("%c%c%c%c许可证", heads[i%n], heads[i/n%n], heads[i/n/n%n], heads[i/n/n/n%n]))
	}
	return l.Corrector(words, nil)
}
