package cnid

import (
	"strings"
	"testing"

	"tongban/internal/base/errs"
)

func TestParseMobile(t *testing.T) {
	for _, in := range []string{
		"13812345678", "+8613812345678", "+86 138-1234-5678", "0086 138 1234 5678", "8613812345678", "１３８１２３４５６７８", "(+86)138 1234 5678", "138\u20131234\u20135678",
	} {
		if got, err := ParseMobile(in); err != nil || got != "13812345678" {
			t.Errorf("ParseMobile(%q) = %q, %v", in, got, err)
		}
	}
	for in, key := range map[string]string{
		"": "cnid.mobile_empty", " - ": "cnid.mobile_empty",
		"12812345678": "cnid.mobile_wrong", "1381234567": "cnid.mobile_wrong", "138123456789": "cnid.mobile_wrong",
		"+85291234567": "cnid.mobile_wrong", "0571-87654321": "cnid.mobile_wrong", "1381234567a": "cnid.mobile_wrong", "١٣٨١٢٣٤٥٦٧٨": "cnid.mobile_wrong",
	} {
		if got, err := ParseMobile(in); !errs.Is(err, key) {
			t.Errorf("ParseMobile(%q) = %q, %v, want %s", in, got, err, key)
		}
	}
}

func TestNormalName(t *testing.T) {
	long := "阿" + strings.Repeat("·买买提", 24) + "江山河" // 100 characters
	for in, want := range map[string]string{
		"王小梅":                          "王小梅",
		" 　王小梅\n":                      "王小梅",
		"𠮷田𪚥":                          "𠮷田𪚥",                   // beyond the basic plane
		"王\U00031350\U0002ebf0":        "王\U00031350\U0002ebf0", // extensions H and I
		"王\ue863":                      "王\ue863",               // private use, from an old system
		"葛\U000e0100城":                 "葛\U000e0100城",          // with a variation selector
		"买买提·艾力":                       "买买提·艾力",
		"买买提•艾力":                       "买买提·艾力",
		"买买提・艾力":                       "买买提·艾力",
		"买买提‧艾力":                       "买买提·艾力",
		"买买提．艾力":                       "买买提·艾力",
		"买买提.艾力":                       "买买提·艾力",
		"买买提\u0387艾力":                  "买买提·艾力",
		"买买提 · 艾力":                     "买买提·艾力",
		"John  F. Kennedy-O’Brien Jr.": "John F. Kennedy-O’Brien Jr.",
		"José\tÁlvarez":                "José Álvarez",
		"Иван Петров":                  "Иван Петров",
		"梅":                            "梅",
		long:                           long,
	} {
		if got, err := NormalName(in); err != nil || got != want {
			t.Errorf("NormalName(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for in, key := range map[string]string{
		"": "cnid.name_empty", " 　": "cnid.name_empty", "·": "cnid.name_empty", "...": "cnid.name_empty",
		long + "海":               "cnid.name_long",
		strings.Repeat("王", 200): "cnid.name_long",
		"<script>":               "cnid.name_chars", "王＜梅": "cnid.name_chars", "王\x00梅": "cnid.name_chars", "王\n梅": "cnid.name_chars",
		"王\u202e梅": "cnid.name_chars", "王\u200b梅": "cnid.name_chars", "王\xff": "cnid.name_chars", "王\ufffd": "cnid.name_chars",
	} {
		if got, err := NormalName(in); !errs.Is(err, key) || got != "" {
			t.Errorf("NormalName(%q) = %q, %v, want %s", in, got, err, key)
		}
	}
}

func TestMasks(t *testing.T) {
	for _, c := range []struct {
		name string
		mask func(string) string
		of   map[string]string
	}{
		{"MaskID", MaskID, map[string]string{
			"330102199003071224": "330***********1224", "11010519491231002X": "110***********002X", "USA110185010101": "USA********0101",
			"E12345678": "E*******8", "12345": "*****", "1": "*", "": "",
		}},
		{"MaskPhone", MaskPhone, map[string]string{
			"13812345678": "138****5678", "+86 138 1234 5678": "138****5678", "0571-87654321": "***********21", "12345": "*****", "": "",
		}},
		{"MaskName", MaskName, map[string]string{
			"王小梅": "王*梅", "王梅": "王*", "王": "*", "𠮷田": "𠮷*", "买买提·艾力": "买****力", "欧阳小梅": "欧**梅", "John Smith": "J********h", "阿·力": "阿*力", "": "",
		}},
		{"MaskAddress", MaskAddress, map[string]string{
			"浙江省杭州市西湖区文三路138号2幢301室": "浙江省杭州市西湖区文三路***",
			"西湖区文三路":         "西湖区文三路***",
			"云和县白龙山街道大坪村12号": "云和县白龙山街道***",
			"台州市路桥区银安街9号":    "台州市路桥区银安街***",
			"江苏省镇江市京口区正东路3号": "江苏省镇江市京口区正东路***",
			"云和县大坪村12号":      "云和县大坪村***",
			"文三路社区3幢":        "文三路社区***",
			"3幢301室":         "***",
			"西湖区":            "***",
			"":               "",
		}},
		{"MaskEmail", MaskEmail, map[string]string{
			"zhang@example.com": "z***@example.com", "z@example.com": "***@example.com", "@example.com": "***", "zhang": "***", "": "",
		}},
	} {
		for in, want := range c.of {
			if got := c.mask(in); got != want {
				t.Errorf("%s(%q) = %q, want %q", c.name, in, got, want)
			}
		}
	}
}

// No mask gives a value back whole, however short.
func TestMasksNeverShowAWholeValue(t *testing.T) {
	for n := 1; n <= 40; n++ {
		for _, s := range []string{strings.Repeat("1", n), strings.Repeat("阿", n), strings.Repeat("a", n) + "@example.com"} {
			for i, mask := range []func(string) string{MaskID, MaskPhone, MaskName, MaskAddress, MaskEmail} {
				if got := mask(s); got == s || strings.Contains(got, s) {
					t.Errorf("mask %d of %q is %q", i, s, got)
				}
			}
		}
	}
}
