package item

import "testing"

func TestNatureFollowsTypeAndName(t *testing.T) {
	for _, c := range []struct{ itemType, name, code, want string }{
		{"01", "食品经营许可（新办）", "", NatureLicence},
		{"01", "排水许可备案", "", NatureLicence}, // the type is the law's, a name only a name
		{"05", "最低生活保障对象认定", "", NatureBenefit},
		{"07", "结婚登记", "", NatureRegistration},
		{"07", "工伤认定", "", NatureConfirmation},
		{"08", "见义勇为奖励", "", NatureReward},
		{"09", "专利纠纷裁决", "", NatureRuling},
		{"10", "门店招牌设置告知承诺备案", "", NatureFiling},
		{"10", "食品摊贩登记", "", NatureRegistration},
		{"10", "其他", "", NatureOther},
		{"20", "生育登记服务", "", NatureService},
		{"", "", "", NatureOther},
		{"10", "食品摊贩登记", NatureFiling, NatureFiling},
	} {
		it := Item{ItemType: c.itemType, Name: c.name, NatureCode: c.code}
		if got := it.Nature(); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.itemType, c.name, got, c.want)
		}
	}
}
