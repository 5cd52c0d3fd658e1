package item

import "strings"

// Remedies are the ways open to somebody who does not agree with a decision. They follow from the agency and are never typed into an item.
type Remedies struct {
	Review     string // authority of administrative review; "" when it cannot be told
	Superior   bool   // the agency's superior reviews, not a government
	ReviewDays int    // natural days from knowing of the act (行政复议法 第二十条)
	Court      string // kind of court: basic or intermediate (行政诉讼法 第十四条、第十五条)
	SuitMonths int    // months from knowing of the act (行政诉讼法 第四十六条)
}

// Seat says where an agency stands.
type Seat struct {
	Name     string // of the agency
	Level    string // code of list use_level
	Region   string // name of its region, such as 清澜市清江区
	Above    string // name of the region above
	Superior string // name of the agency above, where it is known
}

// vertical are the systems whose superiors review: customs, finance, foreign exchange, tax and state security (行政复议法 第二十七条).
var vertical = []string{"海关", "税务局", "外汇管理", "国家安全", "金融监督管理", "金融监管", "中国人民银行", "证券监督管理", "证监局"}

// RemediesOf computes them. Since 2024 the people's government of the same level reviews (行政复议法 第二十四条), with the exceptions of 第二十七条; the acts of
// a government are reviewed by the one above, those of a ministry or of a province by itself (第二十四条第一款、第二十五条).
func RemediesOf(s Seat) Remedies {
	r := Remedies{ReviewDays: 60, SuitMonths: 6, Court: "basic"}
	government := strings.HasSuffix(s.Name, "人民政府")
	isVertical := false
	for _, word := range vertical {
		isVertical = isVertical || strings.Contains(s.Name, word)
	}
	switch {
	case s.Level == "1" || government && s.Level == "2":
		r.Review = s.Name
	case isVertical:
		r.Review, r.Superior = s.Superior, true
	case government && s.Above != "":
		r.Review = s.Above + "人民政府"
	case !government && s.Region != "":
		r.Review = s.Region + "人民政府"
	}
	if s.Level == "1" || isVertical && strings.Contains(s.Name, "海关") || government && (s.Level == "2" || s.Level == "3" || s.Level == "4") {
		r.Court = "intermediate"
	}
	return r
}
