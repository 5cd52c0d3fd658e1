package catalog

import (
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// What an item is stands in package item; the rooms above know it by these names.
type (
	Item       = item.Item
	Levels     = item.Levels
	Commitment = item.Commitment
	Later      = item.Later
	OnLicence  = item.OnLicence
	Themes     = item.Themes
	Basis      = item.Basis
	Limit      = item.Limit
	Limits     = item.Limits
	Fee        = item.Fee
	FeeRow     = item.FeeRow
	Validity   = item.Validity
	Contact    = item.Contact
	Result     = item.Result
	Option     = item.Option
	Question   = item.Question
	Stop       = item.Stop
	Warn       = item.Warn
	Material   = item.Material
	CheckRule  = item.CheckRule
	Answer     = item.Answer
	Imported   = item.Imported
	Finding    = item.Finding
	Outcome    = item.Outcome
	Element    = item.Element
)

// The names of package item.
const (
	OnlineFull         = item.OnlineFull
	OnlineGuide        = item.OnlineGuide
	OnlineExternal     = item.OnlineExternal
	FromApplicant      = item.FromApplicant
	FromLicence        = item.FromLicence
	FromPlatform       = item.FromPlatform
	RequiredYes        = item.RequiredYes
	RequiredNo         = item.RequiredNo
	RequiredLater      = item.RequiredLater
	LicenceChange      = item.LicenceChange
	LicenceRenew       = item.LicenceRenew
	LicenceCancel      = item.LicenceCancel
	LateRefuse         = item.LateRefuse
	LateWarn           = item.LateWarn
	LaterRuns          = item.LaterRuns
	LaterWaits         = item.LaterWaits
	AcceptLicensing    = item.AcceptLicensing
	AcceptRealEstate   = item.AcceptRealEstate
	AcceptMarketEntity = item.AcceptMarketEntity
	AcceptNone         = item.AcceptNone
	ApplicantKind      = item.ApplicantKind
	ApplicantAge       = item.ApplicantAge
	ScenarioPrefix     = item.ScenarioPrefix
	FormPrefix         = item.FormPrefix
)

// Elements are all descriptive elements of an item, in the order of the guide.
var Elements = item.Elements

// Codes gives the codes of a list in their order, such as "type" or "audience".
func Codes(list string) []string { return item.Codes(list) }

// CodeName names a code of a list; an unknown code stands for itself.
func CodeName(l i18n.Lang, list, code string) string { return item.CodeName(l, list, code) }
