package item

import (
	"cmp"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

// How an item is handled on line.
const (
	OnlineFull     = "full"     // from application to result here
	OnlineGuide    = "guide"    // the guide only; the matter is handled at the window or elsewhere
	OnlineExternal = "external" // in another system, at URL
)

// The sources of a material.
const (
	FromApplicant = "self"      // uploaded
	FromLicence   = "licence"   // from the library or a register, never uploaded
	FromPlatform  = "generated" // made by the platform from the answers
)

// How badly a material is needed.
const (
	RequiredYes   = "yes"
	RequiredNo    = "no"
	RequiredLater = "later" // 容缺: may follow after acceptance
)

// The rules by which an application counts as accepted; clocks of cases follow them.
const (
	AcceptLicensing    = "licensing"     // 行政许可法 第三十二条
	AcceptRealEstate   = "real_estate"   // 不动产登记暂行条例 第十七条
	AcceptMarketEntity = "market_entity" // 市场主体登记管理条例 第十九条
	AcceptNone         = "none"
)

// Item is one service item as a person applies for it (业务办理项), the current or an older version. The fields with JSON names are the keys of a
// pack's items/*.yaml and make up the stored document; every one leaves out its zero value, so that a new element does not change the content
// of items that do not have it. The others are added when the item is read.
type Item struct {
	Key          string            `json:"key"`
	BaseCode     string            `json:"base_code,omitempty"` // 基本编码, 12 characters
	Serial       int               `json:"serial,omitempty"`    // of the 业务办理项, 1–99
	Name         string            `json:"name"`
	MainItem     string            `json:"main_item,omitempty"`
	Short        string            `json:"short,omitempty"`
	SearchTitle  string            `json:"search_title,omitempty"`
	Everyday     []string          `json:"everyday,omitempty"` // what people call it
	Agency       string            `json:"agency,omitempty"`   // agency key; empty for imported items of unknown agencies
	ItemType     string            `json:"item_type,omitempty"`
	UseLevel     string            `json:"use_level,omitempty"`
	PowerSource  string            `json:"power_source,omitempty"`
	Audience     []string          `json:"audience,omitempty"`
	CaseKind     string            `json:"case_kind,omitempty"` // 1 即办件, 2 承诺件
	Online       string            `json:"online,omitempty"`
	URL          string            `json:"url,omitempty"` // of the other system when Online is external
	Channels     []string          `json:"channels,omitempty"`
	Depth        []string          `json:"depth,omitempty"`
	Area         string            `json:"area,omitempty"`
	Visits       *int              `json:"visits,omitempty"` // trips to the hall that are needed; nil when nobody has said
	VisitsReason string            `json:"visits_reason,omitempty"`
	Themes       Themes            `json:"themes,omitzero"`
	Summary      string            `json:"summary,omitempty"`
	Who          []string          `json:"who,omitempty"`
	NotFor       []string          `json:"not_for,omitempty"`
	Basis        []Basis           `json:"basis,omitempty"`
	Limits       Limits            `json:"limits,omitzero"`
	Special      []string          `json:"special,omitempty"`    // names of 特别程序 whose time is not counted
	Procedures   []Procedure       `json:"procedures,omitempty"` // what is known of them besides the name
	Fee          Fee               `json:"fee,omitzero"`
	Validity     Validity          `json:"validity,omitzero"`
	Windows      []string          `json:"windows,omitempty"` // window keys
	Consult      Contact           `json:"consult,omitzero"`
	Complain     Contact           `json:"complain,omitzero"`
	Result       Result            `json:"result,omitzero"`
	MoreResults  []Result          `json:"more_results,omitempty"` // further results, such as the duplicate of a licence
	Scenario     []Question        `json:"scenario,omitempty"`
	Materials    []Material        `json:"materials,omitempty"`
	Form         string            `json:"form,omitempty"` // form key
	Flow         string            `json:"flow,omitempty"` // flow key
	Papers       map[string]string `json:"papers,omitempty"`
	Separate     bool              `json:"separate,omitempty"`   // review and decision by different people
	NatureCode   string            `json:"nature,omitempty"`     // what it is in law, where type and name do not say; see Nature
	PreReview    bool              `json:"pre_review,omitempty"` // 预审: an officer looks at a draft before it is applied for
	Level        int               `json:"level,omitempty"`      // identity level an applicant needs
	Levels       Levels            `json:"levels,omitzero"`      // where acts need another one
	Sign         bool              `json:"sign,omitempty"`       // sent on line, the declaration is signed with a second key
	Commitment   *Commitment       `json:"commitment,omitempty"`
	Later        Later             `json:"later,omitzero"`
	OnLicence    *OnLicence        `json:"on_licence,omitempty"` // acts on a licence the applicant holds
	CheckRules   []CheckRule       `json:"check_rules,omitempty"`
	Tables       []string          `json:"tables,omitempty"` // keys of decision tables; publishing turns them into rules, notes and conditions of materials
	Notes        []Warn            `json:"notes,omitempty"`  // shown before sending
	Trials       []Trial           `json:"trials,omitempty"` // answers with what must come of them; checked before publishing
	FAQ          []Answer          `json:"faq,omitempty"`
	Rights       []string          `json:"rights,omitempty"`
	Duties       []string          `json:"duties,omitempty"`
	// The rest of the exchange table (ZWFW C0109.1, GB/T 39554.1). Extra holds descriptive elements that need no type of their own, by element key.
	LocalBaseCode    string              `json:"local_base_code,omitempty"`    // 地方基本编码
	LocalCode        string              `json:"local_code,omitempty"`         // 地方实施编码
	LocalVariantCode string              `json:"local_variant_code,omitempty"` // 地方业务办理项编码
	RowID            string              `json:"row_id,omitempty"`             // 记录唯一标识 of the list it came from
	BaseVersion      int                 `json:"base_version,omitempty"`       // of the base item that was adopted; 0 when none was
	SubItem          string              `json:"sub_item,omitempty"`           // 子项
	Joint            []Partner           `json:"joint,omitempty"`              // 联办机构
	Places           []Place             `json:"places,omitempty"`             // windows that no agency of this installation keeps
	Delegates        []Delegate          `json:"delegates,omitempty"`          // 委托或下沉到镇街、村居的办理点
	Intermediary     []string            `json:"intermediary,omitempty"`       // 法定中介服务
	Integration      Integration         `json:"integration,omitzero"`
	LifeEvents       []string            `json:"life_events,omitempty"` // codes of list life_event
	Duty             []Responsibility    `json:"duty,omitempty"`        // 责任事项, for the 责任清单
	Investment       *Investment         `json:"investment,omitempty"`  // stands on the 投资负面清单
	Fund             *Fund               `json:"fund,omitempty"`        // stands on the 专项资金清单
	Extra            map[string][]string `json:"extra,omitempty"`
	Imported         *Imported           `json:"imported,omitempty"` // only on items from a list, never in a pack

	ID          string    `json:"-"` // = Key
	State       string    `json:"-"` // code of list state: 1 在用, 2 暂停, 3 取消; empty counts as 1
	Version     int       `json:"-"`
	FormVersion int       `json:"-"` // of the form this version was published with; 0 without a form
	FlowVersion int       `json:"-"`
	Pack        string    `json:"-"` // pack key; empty for imported items
	Code        string    `json:"-"` // 实施编码 (31), or the local code of an imported item
	VariantCode string    `json:"-"` // 业务办理项编码 (33)
	AgencyName  string    `json:"-"`
	Region      string    `json:"-"` // of the agency, or as the list says
	Published   time.Time `json:"-"`
	Unreviewed  bool      `json:"-"` // 未复核: from a list, nobody of the item office has looked at it yet
	Findings    []Finding `json:"-"` // what the import found to be wrong or missing
}

// Levels are the identity levels of single acts; an act without one needs what applying needs.
type Levels struct {
	Apply   int `json:"apply,omitempty"`
	Sign    int `json:"sign,omitempty"`
	Collect int `json:"collect,omitempty"`
	View    int `json:"view,omitempty"`
}

// Commitment is what 告知承诺 rests on: what the agency told, what the applicant promises, and what follows if it was not true. Sent on line it
// is always signed.
type Commitment struct {
	Told        []string `json:"told,omitempty"`
	Promised    []string `json:"promised,omitempty"`
	Consequence string   `json:"consequence,omitempty"`
	// What makes it the applicant's choice: the materials it takes the place of, a grant at once, and when it is checked afterwards.
	Instead []string `json:"instead,omitempty"`
	AtOnce  bool     `json:"at_once,omitempty"`
	Check   Limit    `json:"check,omitzero"`
}

// Themes are the subjects an item is filed under: two lists whose digits mean different things.
type Themes struct {
	Person []string `json:"person,omitempty"`
	Firm   []string `json:"firm,omitempty"`
}

// Basis is one article of law the item rests on. Status says how far it was checked: read (in the text), knowledge, or fictional (a local rule of
// the demo city).
type Basis struct {
	Law       string `json:"law"`
	Article   string `json:"article,omitempty"`
	Number    string `json:"number,omitempty"`
	Issuer    string `json:"issuer,omitempty"`
	Effective string `json:"effective,omitempty"` // YYYY-MM-DD
	Text      string `json:"text,omitempty"`
	Status    string `json:"status,omitempty"`
}

// Limit is one period with where it comes from.
type Limit struct {
	N       int        `json:"n,omitempty"`
	Unit    clock.Unit `json:"unit,omitempty"`
	Explain string     `json:"explain,omitempty"`
	Basis   string     `json:"basis,omitempty"`
	By      string     `json:"by,omitempty"` // who approves an extension
}

// Period is the limit as the clock counts it; the zero Period when N is 0.
func (l Limit) Period() clock.Period {
	if l.N == 0 {
		return clock.Period{}
	}
	return clock.Period{N: l.N, Unit: l.Unit}
}

// Limits are the periods of an item. Legal and promised run from acceptance to decision.
type Limits struct {
	Legal          Limit  `json:"legal,omitzero"`
	Promised       Limit  `json:"promised,omitzero"`
	Extension      *Limit `json:"extension,omitempty"`
	Correction     *Limit `json:"correction,omitempty"`  // for the agency to answer a receipt
	Certificate    *Limit `json:"certificate,omitempty"` // after the decision
	AcceptanceRule string `json:"acceptance_rule,omitempty"`
	OnTheSpot      bool   `json:"on_the_spot,omitempty"`
	Joint          bool   `json:"joint,omitempty"` // handled jointly by several agencies as the government designated: 45 and 15 days (行政许可法 第四十二条第二款)
}

// Fee says what an item costs. Money is fen.
type Fee struct {
	Charged bool     `json:"charged,omitempty"`
	Note    string   `json:"note,omitempty"`
	Basis   string   `json:"basis,omitempty"`
	Rows    []FeeRow `json:"rows,omitempty"`
}

// FeeRow is one charge.
type FeeRow struct {
	Name        string `json:"name"`
	StandardFen int64  `json:"standard_fen,omitempty"`
	Standard    string `json:"standard,omitempty"` // as the tariff writes it, where it is no single amount
	Unit        string `json:"unit,omitempty"`
	Basis       string `json:"basis,omitempty"`
	Reduction   string `json:"reduction,omitempty"` // how it is reduced; empty when it is not
}

// Procedure is what is known of a special procedure (特别程序): how long it takes, and by what law.
type Procedure struct {
	Name  string     `json:"name"` // as in Item.Special
	N     int        `json:"n,omitempty"`
	Unit  clock.Unit `json:"unit,omitempty"`
	Basis string     `json:"basis,omitempty"`
}

// Validity is how long the result holds; zero means permanently.
type Validity struct {
	Years  int `json:"years,omitempty"`
	Months int `json:"months,omitempty"`
	Days   int `json:"days,omitempty"`
}

// Contact is a telephone number.
type Contact struct {
	Phone string `json:"phone,omitempty"`
}

// Result is what comes out: licence, approval, receipt or none.
type Result struct {
	Kind        string `json:"kind,omitempty"`
	Name        string `json:"name,omitempty"`
	LicenceType string `json:"licence_type,omitempty"`
	Sample      string `json:"sample,omitempty"` // file path
}

// Option is one answer of a question.
type Option = form.Option

// Question is one question of the scenario (情形): its answer chooses materials, fields and steps. Conditions read it as scenario.<key>.
type Question struct {
	Key     string    `json:"key"`
	Ask     string    `json:"ask"`
	Hint    string    `json:"hint,omitempty"`
	Options []Option  `json:"options,omitempty"`
	When    cond.Expr `json:"when,omitzero"` // may read earlier questions and the applicant only
	Stop    *Stop     `json:"stop,omitempty"`
	Warn    *Warn     `json:"warn,omitempty"`
}

// Stop ends the way here, explains why and leads elsewhere.
type Stop struct {
	When  cond.Expr `json:"when,omitzero"`
	Title string    `json:"title"`
	Text  string    `json:"text,omitempty"`
	Item  string    `json:"item,omitempty"` // key of the item that is right
}

// Warn is something the person should know before going on.
type Warn struct {
	When cond.Expr `json:"when,omitzero"`
	Text string    `json:"text"`
}

// Material is one thing to hand in.
type Material struct {
	Key         string    `json:"key"`
	Name        string    `json:"name"`
	Source      string    `json:"source,omitempty"`
	LicenceType string    `json:"licence_type,omitempty"`
	Required    string    `json:"required,omitempty"`
	When        cond.Expr `json:"when,omitzero"`
	Original    int       `json:"original,omitempty"` // how many originals
	Copies      int       `json:"copies,omitempty"`
	Medium      string    `json:"medium,omitempty"`  // electronic, paper or both
	Formats     []string  `json:"formats,omitempty"` // file name endings
	MaxMB       int       `json:"max_mb,omitempty"`
	MaxFiles    int       `json:"max_files,omitempty"`
	Accept      string    `json:"accept,omitempty"` // 受理标准
	Fill        string    `json:"fill,omitempty"`   // 填报须知
	Basis       string    `json:"basis,omitempty"`
	Empty       string    `json:"empty,omitempty"`  // file path of the blank form
	Sample      string    `json:"sample,omitempty"` // file path of an example
	// What the exchange table says besides; none of it changes how an application is handled.
	Paper       string `json:"paper,omitempty"`        // 材料类型 where no numbers are given: code of list material_type
	Size        string `json:"size,omitempty"`         // 规格, such as A4
	Origin      string `json:"origin,omitempty"`       // 来源渠道: code of list origin
	OriginNote  string `json:"origin_note,omitempty"`  // 来源渠道说明
	Issuer      string `json:"issuer,omitempty"`       // 出具机构
	NotNeeded   string `json:"not_needed,omitempty"`   // 非必要时办理情形
	InPerson    bool   `json:"in_person,omitempty"`    // must be filled in or signed at the counter
	LegalDemand bool   `json:"legal_demand,omitempty"` // stands for a condition the law demands: never 容缺
	Remark      string `json:"remark,omitempty"`
}

// CheckRule is a condition that must not hold when an application is sent; Text says why it cannot go on.
type CheckRule struct {
	Name string    `json:"name"`
	When cond.Expr `json:"when,omitzero"`
	Text string    `json:"text"`
}

// Answer is one frequent question with its answer.
type Answer struct {
	Q string `json:"q"`
	A string `json:"a"`
}

// Imported is what a list said of an item, word for word.
type Imported struct {
	Department string    `json:"department,omitempty"`
	LocalCode  string    `json:"local_code,omitempty"`
	AgencyCode string    `json:"agency_code,omitempty"`
	RegionCode string    `json:"region_code,omitempty"`
	ItemType   string    `json:"item_type,omitempty"`
	Findings   []Finding `json:"findings,omitempty"`
}

// Finding is something an import found in a row that was taken all the same.
type Finding struct {
	Column string            `json:"column"`
	Key    string            `json:"key"` // text key
	Params map[string]string `json:"params,omitempty"`
}

// Applicable reports whether a person can apply for the item here.
func (it Item) Applicable() bool { return it.Online == OnlineFull && it.Form != "" && it.Flow != "" }

// Halted reports whether the item is suspended or cancelled: nobody may begin to apply for it.
func (it Item) Halted() bool { return it.State != "" && it.State != "1" }

// mostToView is the highest level that reading one's own matter takes by itself: real-name. An item may ask for more.
const mostToView = 2

// LevelFor gives the identity level an act of a mandate's scope (authz.ActApply and the others) takes; 0 when any will do.
func (it Item) LevelFor(act string) int {
	apply := cmp.Or(it.Levels.Apply, it.Level)
	switch act {
	case authz.ActSign:
		return cmp.Or(it.Levels.Sign, apply)
	case authz.ActCollect:
		return cmp.Or(it.Levels.Collect, apply)
	case authz.ActView:
		return cmp.Or(it.Levels.View, min(apply, mostToView))
	}
	return apply
}

// Signs reports whether an application sent on line is signed with a second key.
func (it Item) Signs() bool { return it.Sign || it.Commitment != nil }

// Material finds a material by key.
func (it Item) Material(key string) (Material, bool) {
	for _, m := range it.Materials {
		if m.Key == key {
			return m, true
		}
	}
	return Material{}, false
}

// Names reports whether the guide offers a file: nothing else of a pack is given out.
func (it Item) Names(path string) bool {
	if path == "" {
		return false
	}
	if it.Result.Sample == path {
		return true
	}
	for _, m := range it.Materials {
		if m.Empty == path || m.Sample == path {
			return true
		}
	}
	return false
}

// Serves reports whether the item is for persons, for firms (anything but persons), or for one code of 服务对象. An imported item says nothing and
// serves everybody.
func (it *Item) Serves(audience string) bool {
	if len(it.Audience) == 0 {
		return true
	}
	switch audience {
	case "person":
		return slices.Contains(it.Audience, "1")
	case "firm":
		return slices.ContainsFunc(it.Audience, func(a string) bool { return a != "1" })
	}
	return slices.Contains(it.Audience, audience)
}

// Partner is an agency that handles the item together with the one that answers for it.
type Partner struct {
	Agency string `json:"agency,omitempty"` // key
	Name   string `json:"name,omitempty"`   // where it is no agency of this installation
	Code   string `json:"code,omitempty"`
	Does   string `json:"does,omitempty"`
}

// Place is a window as a list describes it.
type Place struct {
	Hall       string `json:"hall,omitempty"`
	Address    string `json:"address,omitempty"`
	Floor      string `json:"floor,omitempty"`
	Hours      string `json:"hours,omitempty"`
	Phone      string `json:"phone,omitempty"`
	Directions string `json:"directions,omitempty"`
}

// Delegate is an office of a lower level that handles part of the item (行政许可法 第二十四条, 镇街便民服务中心).
type Delegate struct {
	Region string   `json:"region"` // code
	Office string   `json:"office"`
	Acts   []string `json:"acts,omitempty"` // codes of list act: receive, accept, deliver …
	Phone  string   `json:"phone,omitempty"`
	Basis  string   `json:"basis,omitempty"` // by what the office was entrusted
}

// Integration says where the item is really handled and whose clock counts when that system is late.
type Integration struct {
	Mode   string `json:"mode,omitempty"` // code of list integration: platform, pushed, jump, entered
	System string `json:"system,omitempty"`
	URL    string `json:"url,omitempty"`
	Clock  string `json:"clock,omitempty"` // platform or system
}

// Responsibility is one line of the 责任清单.
type Responsibility struct {
	Stage  string `json:"stage"` // 受理, 审查, 决定, 送达, 事后监管
	Text   string `json:"text"`
	Basis  string `json:"basis,omitempty"`
	Blamed string `json:"blamed,omitempty"` // 追责情形
}

// Investment is how the 投资负面清单 restricts a field.
type Investment struct {
	Field string `json:"field"`
	Level string `json:"level"` // code of list investment: prohibited, approval, limited
	Note  string `json:"note,omitempty"`
	Basis string `json:"basis,omitempty"`
}

// Fund is an entry of the 专项资金清单. Money is fen.
type Fund struct {
	Name      string `json:"name"`
	BudgetFen int64  `json:"budget_fen,omitempty"`
	Year      int    `json:"year,omitempty"`
	Who       string `json:"who,omitempty"`
	Manager   string `json:"manager,omitempty"`
	Basis     string `json:"basis,omitempty"`
}
