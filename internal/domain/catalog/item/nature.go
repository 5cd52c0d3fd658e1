package item

import "strings"

// What a matter is in law: the names of its states, decisions and papers follow from it. The list of item types (L1) has no place for filings and
// registrations, which are kept under 行政确认 or 其他行政权力, and yet neither is a licence.
const (
	NatureLicence      = "licence"      // 行政许可
	NatureRegistration = "registration" // 登记
	NatureFiling       = "filing"       // 备案
	NatureBenefit      = "benefit"      // 行政给付
	NatureConfirmation = "confirmation" // 行政确认
	NatureReward       = "reward"       // 行政奖励
	NatureRuling       = "ruling"       // 行政裁决
	NatureService      = "service"      // 公共服务
	NatureOther        = "other"
)

// Natures lists them.
var Natures = []string{NatureLicence, NatureRegistration, NatureFiling, NatureBenefit, NatureConfirmation, NatureReward, NatureRuling, NatureService, NatureOther}

// Nature is what the item is in law: what it says itself, else what its type says. Of the types that hold registrations and filings too, the name
// tells them apart.
func (it *Item) Nature() string {
	if it.NatureCode != "" {
		return it.NatureCode
	}
	switch {
	case it.ItemType == "01":
		return NatureLicence
	case it.ItemType == "05":
		return NatureBenefit
	case it.ItemType == "08":
		return NatureReward
	case it.ItemType == "09":
		return NatureRuling
	case it.ItemType >= "20":
		return NatureService
	case strings.Contains(it.Name, "备案"):
		return NatureFiling
	case strings.Contains(it.Name, "登记"):
		return NatureRegistration
	case it.ItemType == "07":
		return NatureConfirmation
	}
	return NatureOther
}
