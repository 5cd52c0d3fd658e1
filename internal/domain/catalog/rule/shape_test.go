package rule

import "testing"

// The quick looks must say what the expressions they stand for say.
func TestQuickLooksAgreeWithTheExpressions(t *testing.T) {
	for s, want := range map[string]bool{"0580-8602112": true, "010-12345": true, "0580-8602112-1": false, "05800-8602112": false, "580-8602112": false, "0580-86021a2": false, "0580": false} {
		if got := landline(s); got != want || got && !telephone.MatchString(s) {
			t.Errorf("landline(%q) = %v", s, got)
		}
	}
	for s, want := range map[string]bool{"a": true, "a-1": true, "": false, "-": false, "a-": false, "-a": false, "a--b": false, "A": false, "a_b": false} {
		if isKey(s) != want {
			t.Errorf("isKey(%q) = %v", s, !want)
		}
	}
	for s, want := range map[string]bool{"<b": true, "Script": true, "材料 JAVASCRIPT:x": true, "a&lt;": true, "onclick =": true, "材料齐全 scrip": false, "s": false} {
		if suspect(s) != want {
			t.Errorf("suspect(%q) = %v", s, !want)
		}
	}
	for _, s := range []string{"身份证", "申请人户口本复印件", "法定代表人居民身份证件明（复印件）", "社会保障卡", "结婚证（原件）", "出生医学证明", "营业执照副本", "双方户口簿"} {
		if !held.MatchString(s) || !mayBeHeld(s) {
			t.Errorf("%s: %v %v", s, held.MatchString(s), mayBeHeld(s))
		}
	}
}
