package paper

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/domain/org"
)

var beijing = time.FixedZone("CST", 8*3600)

// Year is the year in China, by which number series run.
func Year(t time.Time) int { return t.In(beijing).Year() }

var digits = []string{"〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"}

// DateCN writes a day as official papers date themselves, 二〇二六年三月十六日, in Chinese time. The zero time gives "".
func DateCN(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(beijing)
	var b strings.Builder
	for _, c := range strconv.Itoa(t.Year()) {
		b.WriteString(digits[c-'0'])
	}
	return b.String() + "年" + upToFifty(int(t.Month())) + "月" + upToFifty(t.Day()) + "日"
}

// upToFifty writes 1–59 as spoken: 九, 十, 十一, 二十, 三十一.
func upToFifty(n int) string {
	tens, ones := n/10, n%10
	s := ""
	if tens > 1 {
		s = digits[tens]
	}
	if tens > 0 {
		s += "十"
	}
	if ones > 0 {
		s += digits[ones]
	}
	return s
}

// DateText writes a day in running text, 2026年3月16日, in Chinese time. The zero time gives "".
func DateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(beijing).Format("2006年1月2日")
}

// Number writes a document number 发文字号 (GB/T 9704-2012, 7.2.5): mark, year in hexagonal brackets, serial without leading zeros, as in
// 清江市监食许受〔2026〕12号. The pattern's places are {mark}, {year} and {n}.
func Number(pattern, mark string, year, n int) string {
	return strings.NewReplacer("{mark}", mark, "{year}", strconv.Itoa(year), "{n}", strconv.Itoa(n)).Replace(pattern)
}

// noReview are the matters without a decision that changes rights: filings and public services, by nature, or by item type (10, 20, 21) where
// only that is known. Their remedy is to complain; where such an act does concern rights, the law's remedies stand without being told.
func noReview(kind string) bool {
	return slices.Contains([]string{"filing", "service", "10", "20", "21"}, kind)
}

// Remedies is what a paper tells about remedies. A decision names the reviewing authority and 60 days (行政复议法 20, 24, 27) and the court
// and six months (行政诉讼法 46), computed from the agency; filings and public services name where to complain. kind is the nature of the matter, or its
// item type where only that is known.
func Remedies(a org.Agency, kind string) string {
	if noReview(kind) {
		s := "如对办理过程或者结果有异议，可以向" + a.Name + "反映"
		if a.ComplaintPhone != "" {
			s += "（监督投诉电话：" + a.ComplaintPhone + "）"
		}
		return s + "，也可以拨打12345政务服务便民热线。"
	}
	review, court := org.ReviewAuthority(a), a.Court
	if review == "" {
		review = "本机关的本级人民政府"
	}
	if court == "" {
		court = "有管辖权的人民法院"
	}
	return "如不服本决定，可以自收到本决定之日起六十日内向" + review + "申请行政复议，也可以自收到本决定之日起六个月内依法向" + court + "提起行政诉讼。"
}
