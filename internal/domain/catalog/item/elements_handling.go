package item

import (
	"strconv"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

// handlingElements say how the matter is handled and how long it takes.
var handlingElements = []Element{
	{
		Key: "case_kind", Chinese: "办件类型", English: "Kind of case", Group: "handling", Kind: KindCode, List: "case_kind", Public: true, Required: true, Mandatory: true, National: "project_type", Source: fromExchange,
		Hint: "当场办结的是即办件，其他是承诺件", HintEn: "Done on the spot, or with a promised date", at: str(func(it *Item) *string { return &it.CaseKind }),
	},
	{
		Key: "legal", Chinese: "法定办结时限", English: "Limit set by law", Group: "handling", Kind: KindLimit, Public: true, Own: true, Mandatory: true, National: "anticipate_day", NationalUnit: "anticipate_type", Source: "行政许可法 第四十二条", Pointer: "/limits/legal",
		at: span(func(it *Item) *Limit { return &it.Limits.Legal }, false),
	},
	{
		Key: "legal_explain", Chinese: "法定办结时限说明", English: "What the legal limit means", Group: "handling", Kind: KindText, Public: true, Own: true, National: "anticipate_explain", Source: fromExchange, Pointer: "/limits/legal/explain",
		at: str(func(it *Item) *string { return &it.Limits.Legal.Explain }),
	},
	{Key: "legal_basis", Chinese: "法定办结时限依据", English: "Basis of the legal limit", Group: "handling", Kind: KindText, Public: true, Own: true, Source: fromTongban, Pointer: "/limits/legal/basis", at: str(func(it *Item) *string { return &it.Limits.Legal.Basis })},
	{
		Key: "promised", Chinese: "承诺办结时限", English: "Promised limit", Group: "handling", Kind: KindLimit, Public: true, Own: true, Mandatory: true, National: "promise_day", NationalUnit: "promise_type", Source: fromExchange, Pointer: "/limits/promised",
		Hint: "不得超过法定时限；当场办结填“即办”", HintEn: "Not above the limit set by law; 即办 when done on the spot", at: span(func(it *Item) *Limit { return &it.Limits.Promised }, true),
	},
	{
		Key: "promised_explain", Chinese: "承诺办结时限说明", English: "What the promise means", Group: "handling", Kind: KindText, Public: true, Own: true, National: "promise_explain", Source: fromExchange, Pointer: "/limits/promised/explain",
		at: str(func(it *Item) *string { return &it.Limits.Promised.Explain }),
	},
	{
		Key: "online", Chinese: "网上办理", English: "Online", Group: "handling", Kind: KindCode, List: "online", Public: true, Required: true, Source: fromExchange,
		at: str(func(it *Item) *string { return &it.Online }),
	},
	{Key: "is_online", Chinese: "是否网办", English: "Can be done online", Group: "handling", Kind: KindYesNo, Own: true, Computed: true, Public: true, Mandatory: true, National: "is_online", Source: fromExchange, at: access{isOnline, setIsOnline}},
	{
		Key: "url", Chinese: "网上办理地址", English: "Address online", Group: "handling", Kind: KindURL, Public: true, Own: true, National: "online_handle_url", Source: fromExchange,
		When: is("online", OnlineExternal), at: str(func(it *Item) *string { return &it.URL }),
	},
	{
		Key: "channels", Chinese: "办理形式", English: "Ways to apply", Group: "handling", Kind: KindCodes, List: "channel", Public: true, Required: true, National: "handle_type", Source: fromExchange,
		at: strs(func(it *Item) *[]string { return &it.Channels }),
	},
	{
		Key: "depth", Chinese: "网上办理深度", English: "What is done online", Group: "handling", Kind: KindCodes, List: "depth", Public: true, Required: true, National: "online_handle_depth", Source: fromExchange,
		at: strs(func(it *Item) *[]string { return &it.Depth }),
	},
	{
		Key: "grade", Chinese: "网上办理等级", English: "Grade of service online", Group: "handling", Kind: KindCode, List: "grade", Public: true, Own: true, Computed: true, Source: fromLocal,
		at: computed(func(it *Item) string { return Grade(it) }),
	},
	{
		Key: "star", Chinese: "网上可办星级", English: "Stars of service online", Group: "handling", Kind: KindCode, List: "star", Public: true, Own: true, Computed: true, Source: fromTongban,
		at: computed(func(it *Item) string {
			if n := Star(it); n > 0 {
				return strconv.Itoa(n)
			}
			return ""
		}),
	},
	{
		Key: "visits", Chinese: "到办事现场次数", English: "Trips to the hall", Group: "handling", Kind: KindNumber, Public: true, Own: true, Mandatory: true, National: "limit_scene_num", Source: fromExchange,
		at: count(func(it *Item) **int { return &it.Visits }),
	},
	{
		Key: "visits_reason", Chinese: "必须现场办理原因说明", English: "Why one must come", Group: "handling", Kind: KindText, Public: true, Own: true, National: "limit_scene_explain", Source: fromExchange,
		When: cond.Expr{Field: "visits", Op: cond.Gt, Value: 0}, at: str(func(it *Item) *string { return &it.VisitsReason }),
	},
	{Key: "area", Chinese: "通办范围", English: "Area of joint service", Group: "handling", Kind: KindCode, List: "area", Public: true, National: "handle_area", Source: fromExchange, at: str(func(it *Item) *string { return &it.Area })},
	{
		Key: "special", Chinese: "特别程序（不计入办理时间）", English: "Special procedures (not counted)", Group: "handling", Kind: KindTexts, Public: true, National: "special_procedure", Source: "行政许可法 第四十五条",
		at: strs(func(it *Item) *[]string { return &it.Special }),
	},
	{Key: "review_kind", Chinese: "审查类型", English: "Kind of review", Group: "handling", Kind: KindCode, List: "review_kind", Public: true, Source: fromLocal},
	{Key: "flow_text", Chinese: "办理流程", English: "Procedure", Group: "handling", Kind: KindLong, Public: true, Mandatory: true, National: "handle_flow", Source: fromExchange},
	{Key: "flow_online", Chinese: "网上办理流程说明", English: "Procedure online", Group: "handling", Kind: KindLong, Public: true, Source: fromExchange},
	{Key: "flow_window", Chinese: "窗口办理流程说明", English: "Procedure at the counter", Group: "handling", Kind: KindLong, Public: true, Source: fromExchange},
	{
		Key: "integration", Chinese: "系统对接方式", English: "Where it is really handled", Group: "handling", Kind: KindCode, List: "integration", Source: fromTongban, Pointer: "/integration/mode",
		Hint: "多数事项在垂直业务系统里办：写明推送、跳转还是事后录入", HintEn: "Most matters live in departmental systems: pushed, by jumping there, or entered afterwards", at: str(func(it *Item) *string { return &it.Integration.Mode }),
	},
	{
		Key: "integration_system", Chinese: "对接的业务系统", English: "The other system", Group: "handling", Kind: KindText, Source: fromTongban, Pointer: "/integration/system",
		When: cond.Expr{Field: "integration", Op: cond.In, Value: []any{"pushed", "jump", "entered"}}, at: str(func(it *Item) *string { return &it.Integration.System }),
	},
	{Key: "integration_url", Chinese: "业务系统地址", English: "Its address", Group: "handling", Kind: KindURL, Source: fromTongban, Pointer: "/integration/url", When: is("integration", "jump"), at: str(func(it *Item) *string { return &it.Integration.URL })},
	{
		Key: "integration_clock", Chinese: "以谁的时限为准", English: "Whose clock counts", Group: "handling", Kind: KindCode, List: "clock", Source: fromTongban, Pointer: "/integration/clock",
		When: cond.Expr{Field: "integration", Op: cond.In, Value: []any{"pushed", "jump", "entered"}}, at: str(func(it *Item) *string { return &it.Integration.Clock }),
	},
	{Key: "sso_pc", Chinese: "电脑端单点登录", English: "Single sign-on on the web", Group: "handling", Kind: KindYesNo, Mandatory: true, National: "is_single_login", Source: fromExchange},
	{Key: "sso_pc_url", Chinese: "电脑端跳转地址", English: "Address on the web", Group: "handling", Kind: KindURL, National: "link_addr", Source: fromExchange, When: is("sso_pc", "1")},
	{Key: "sso_app", Chinese: "移动端单点登录", English: "Single sign-on on the phone", Group: "handling", Kind: KindYesNo, Mandatory: true, National: "app_is_single_login", Source: fromExchange},
	{Key: "sso_app_url", Chinese: "移动端跳转地址", English: "Address on the phone", Group: "handling", Kind: KindURL, National: "mobile_terminal_url", Source: fromExchange, When: is("sso_app", "1")},
	{
		Key: "level", Chinese: "身份核验等级", English: "Identity level", Group: "handling", Kind: KindCode, List: "level", Public: true, Source: fromTongban,
		at: level(func(it *Item) *int { return &it.Level }), show: levelFor(authz.ActApply),
	},
	{Key: "level_apply", Chinese: "申请的身份核验等级", English: "Identity level to apply", Group: "handling", Kind: KindCode, List: "level", Own: true, Public: true, Source: fromTongban, Pointer: "/levels/apply", at: level(func(it *Item) *int { return &it.Levels.Apply })},
	{Key: "level_view", Chinese: "查看的身份核验等级", English: "Identity level to look", Group: "handling", Kind: KindCode, List: "level", Own: true, Public: true, Source: fromTongban, Pointer: "/levels/view", at: level(func(it *Item) *int { return &it.Levels.View })},
	{
		Key: "level_sign", Chinese: "签名的身份核验等级", English: "Identity level to sign", Group: "handling", Kind: KindCode, List: "level", Public: true, Source: fromTongban, Pointer: "/levels/sign",
		at: level(func(it *Item) *int { return &it.Levels.Sign }), show: func(l i18n.Lang, it *Item) string {
			if !it.Signs() {
				return ""
			}
			return levelFor(authz.ActSign)(l, it)
		},
	},
	{
		Key: "level_collect", Chinese: "领取结果的身份核验等级", English: "Identity level to collect", Group: "handling", Kind: KindCode, List: "level", Public: true, Source: fromTongban, Pointer: "/levels/collect",
		at: level(func(it *Item) *int { return &it.Levels.Collect }),
	},
	{
		Key: "sign", Chinese: "电子签名", English: "Signed with a second key", Group: "handling", Kind: KindCode, List: "sign", Public: true, Source: "电子签名法 第十四条",
		at: access{get: func(it *Item) []string {
			if !it.Sign {
				return nil
			}
			return []string{"1"}
		}, set: func(it *Item, vs []string) error { it.Sign = first(vs) == "1"; return nil }},
		show: func(l i18n.Lang, it *Item) string {
			if !it.Signs() { // a commitment is always signed
				return ""
			}
			return CodeName(l, "sign", "1")
		},
	},
	{Key: "commitment", Chinese: "实行告知承诺", English: "Granted on a promise", Group: "handling", Kind: KindYesNo, Public: true, Own: true, Computed: true, Source: "国办发〔2020〕42号", at: computed(func(it *Item) string { return yes(it.Commitment != nil) })},
	{Key: "commitment_told", Chinese: "告知的内容", English: "What the agency told", Group: "handling", Kind: KindTexts, Public: true, Own: true, Source: "国办发〔2020〕42号", Pointer: "/commitment/told", at: committed(func(c *Commitment) access { return strs(func(*Item) *[]string { return &c.Told }) })},
	{Key: "commitment_promised", Chinese: "承诺的内容", English: "What the applicant promises", Group: "handling", Kind: KindTexts, Public: true, Own: true, Source: "国办发〔2020〕42号", Pointer: "/commitment/promised", at: committed(func(c *Commitment) access { return strs(func(*Item) *[]string { return &c.Promised }) })},
	{Key: "commitment_consequence", Chinese: "不实承诺的后果", English: "What follows if it is untrue", Group: "handling", Kind: KindLong, Public: true, Own: true, Source: "国办发〔2020〕42号", Pointer: "/commitment/consequence", at: committed(func(c *Commitment) access { return str(func(*Item) *string { return &c.Consequence }) })},
	{Key: "commitment_instead", Chinese: "承诺后免交的材料", English: "Materials a promise takes the place of", Group: "handling", Kind: KindTexts, Own: true, Source: "国办发〔2020〕42号", Hint: "填材料标识；填了以后由申请人选择承诺或者提交材料", HintEn: "Keys of materials; with them the applicant chooses between promise and proof", Pointer: "/commitment/instead", at: committed(func(c *Commitment) access { return strs(func(*Item) *[]string { return &c.Instead }) })},
	{Key: "commitment_at_once", Chinese: "承诺后当场决定", English: "Decided at once on a promise", Group: "handling", Kind: KindYesNo, Public: true, Own: true, Source: "国办发〔2020〕42号", Pointer: "/commitment/at_once", at: committed(func(c *Commitment) access { return flag(func(*Item) *bool { return &c.AtOnce }) })},
	{Key: "commitment_check", Chinese: "承诺的核查时限", English: "Promise checked within", Group: "handling", Kind: KindLimit, Own: true, Source: "国办发〔2020〕42号", Pointer: "/commitment/check", at: committed(func(c *Commitment) access { return span(func(*Item) *Limit { return &c.Check }, false) })},
	{Key: "later_within", Chinese: "容缺材料补交时限", English: "Missing materials follow within", Group: "handling", Kind: KindLimit, Public: true, Own: true, Source: fromTongban, Hint: "不填的按本地区规定", HintEn: "Left empty, as the region says", Pointer: "/later/within", at: span(func(it *Item) *Limit { return &it.Later.Within }, false)},
	{Key: "later_clock", Chinese: "容缺期间的办理期限", English: "Clock while materials are missing", Group: "handling", Kind: KindCode, List: "later_clock", Own: true, Source: fromTongban, Pointer: "/later/clock", at: str(func(it *Item) *string { return &it.Later.Clock })},
	{Key: "later_after_result", Chinese: "领取结果后补交", English: "Materials may follow the result", Group: "handling", Kind: KindYesNo, Public: true, Own: true, Source: fromTongban, Pointer: "/later/after_result", at: flag(func(it *Item) *bool { return &it.Later.AfterResult })},
	{Key: "later_credit", Chinese: "逾期未补交的列入失信主体名单", English: "Broken promises are entered in the credit list", Group: "handling", Kind: KindYesNo, Own: true, Source: fromTongban, Pointer: "/later/credit", at: flag(func(it *Item) *bool { return &it.Later.Credit })},
	{Key: "on_licence_type", Chinese: "针对的已有证照", English: "Acts on a licence of the type", Group: "handling", Kind: KindText, Own: true, Source: fromTongban, Hint: "填证照类型标识；办理变更、延续、注销的业务办理项填写", HintEn: "Key of the licence type, for changes, renewals and cancellations", Pointer: "/on_licence/type", at: onLicence(func(o *OnLicence) access { return str(func(*Item) *string { return &o.Type }) })},
	{Key: "on_licence_act", Chinese: "对证照的处理", English: "What it does to the licence", Group: "handling", Kind: KindCode, List: "licence_act", Own: true, Source: "行政许可法 第四十九条、第五十条、第七十条", Pointer: "/on_licence/act", at: onLicence(func(o *OnLicence) access { return str(func(*Item) *string { return &o.Act }) })},
	{Key: "on_licence_before", Chinese: "延续申请最迟提前", English: "Renewal asked for before the end", Group: "handling", Kind: KindLimit, Own: true, Source: "行政许可法 第五十条", Hint: "不填的为三十日", HintEn: "Left empty: 30 days", Pointer: "/on_licence/before", at: onLicence(func(o *OnLicence) access { return span(func(*Item) *Limit { return &o.Before }, false) })},
	{Key: "on_licence_late", Chinese: "延续申请逾期的", English: "A renewal asked for too late", Group: "handling", Kind: KindCode, List: "licence_late", Own: true, Source: fromTongban, Pointer: "/on_licence/late", at: onLicence(func(o *OnLicence) access { return str(func(*Item) *string { return &o.Late }) })},
	{Key: "on_licence_deemed", Chinese: "视为准予延续的依据", English: "Law by which silence renews", Group: "handling", Kind: KindText, Own: true, Source: "行政许可法 第五十条第二款", Hint: "法律规定逾期未作决定视为准予延续的，填写法律名称和条款；没有规定的不填", HintEn: "Law and article; left empty where no law says so", Pointer: "/on_licence/deemed", at: onLicence(func(o *OnLicence) access { return str(func(*Item) *string { return &o.Deemed }) })},
	{Key: "on_licence_from_decision", Chinese: "延续的有效期自决定之日起算", English: "A renewed term begins with the decision", Group: "handling", Kind: KindYesNo, Own: true, Source: fromTongban, Pointer: "/on_licence/from_decision", at: onLicence(func(o *OnLicence) access { return flag(func(*Item) *bool { return &o.FromDecision }) })},
	{Key: "form", Chinese: "表单", English: "Form", Group: "handling", Kind: KindText, Own: true, Source: fromTongban, at: str(func(it *Item) *string { return &it.Form })},
	{Key: "flow", Chinese: "流程", English: "Flow", Group: "handling", Kind: KindText, Own: true, Source: fromTongban, at: str(func(it *Item) *string { return &it.Flow })},
	{Key: "separate", Chinese: "审查与决定分离", English: "Review and decision by different people", Group: "handling", Kind: KindYesNo, Own: true, Source: "行政许可法 第三十四条", at: flag(func(it *Item) *bool { return &it.Separate })},
	{
		Key: "nature", Chinese: "事项性质", English: "What it is in law", Group: "handling", Kind: KindCode, List: "nature", Own: true, Source: fromTongban, Pointer: "/nature",
		Hint: "不填的按事项类型和名称判断；办件的状态、结果和文书按它用词", HintEn: "Left empty, as type and name say; names of states, decisions and papers follow it", at: str(func(it *Item) *string { return &it.NatureCode }),
	},
	{
		Key: "pre_review", Chinese: "网上预审", English: "Looked over before it is applied for", Group: "handling", Kind: KindYesNo, Public: true, Own: true, Source: fromTongban, Pointer: "/pre_review",
		Hint: "申请人可以先请受理岗位看一看材料，再决定是否正式提交", HintEn: "The applicant may ask the accepting post to look at a draft before sending it", at: flag(func(it *Item) *bool { return &it.PreReview }),
	},
	{Key: "quantity_limit", Chinese: "数量限制", English: "Limit of quantity", Group: "handling", Kind: KindText, Public: true, National: "limit_explain", Source: fromExchange},
	{
		Key: "intermediary", Chinese: "法定中介服务", English: "Intermediary services the law asks for", Group: "handling", Kind: KindTexts, Public: true, National: "service_type", Source: fromExchange,
		Hint: "只列法律法规规定必须的", HintEn: "Only those a law demands", at: strs(func(it *Item) *[]string { return &it.Intermediary }),
	},
	{Key: "finance", Chinese: "金融服务标识", English: "Financial service", Group: "handling", Kind: KindYesNo, Source: fromLocal},
}

// levelFor names the level an act takes, also where it follows from that of applying.
func levelFor(act string) func(l i18n.Lang, it *Item) string {
	return func(l i18n.Lang, it *Item) string {
		if n := it.LevelFor(act); n > 0 {
			return CodeName(l, "level", strconv.Itoa(n))
		}
		return ""
	}
}

// committed is a part of the commitment, which is there as long as one of its parts is.
func committed(at func(c *Commitment) access) access {
	return access{
		get: func(it *Item) []string {
			if it.Commitment == nil {
				return nil
			}
			return at(it.Commitment).get(it)
		},
		set: func(it *Item, vs []string) error {
			c := Commitment{}
			if it.Commitment != nil {
				c = *it.Commitment
			}
			err := at(&c).set(it, vs)
			it.Commitment = &c
			if len(c.Told)+len(c.Promised)+len(c.Consequence) == 0 {
				it.Commitment = nil
			}
			return err
		},
	}
}

// span is a limit; with spot, nought says that the matter is done on the spot.
func span(at func(it *Item) *Limit, spot bool) access {
	return access{
		get: func(it *Item) []string {
			l := at(it)
			switch {
			case l.N > 0:
				return []string{strconv.Itoa(l.N), string(l.Unit)}
			case spot && it.Limits.OnTheSpot:
				return []string{"0", string(clock.Workday)}
			}
			return nil
		},
		set: func(it *Item, vs []string) error {
			l := at(it)
			l.N, l.Unit = 0, ""
			if len(vs) == 2 {
				l.N, _ = strconv.Atoi(vs[0])
				l.Unit = clock.Unit(vs[1])
			}
			if spot {
				it.Limits.OnTheSpot = len(vs) == 2 && l.N == 0
			}
			return nil
		},
	}
}

func isOnline(it *Item) []string {
	if it.Online == "" {
		return nil
	}
	return []string{yes(it.Online != OnlineGuide)}
}

// setIsOnline reads the bare yes of a list: where the matter is handled then is not here, or it would say so itself.
func setIsOnline(it *Item, vs []string) error {
	switch {
	case first(vs) == "1" && (it.Online == "" || it.Online == OnlineGuide):
		it.Online = OnlineExternal
	case first(vs) == "0":
		it.Online = OnlineGuide
	}
	return nil
}
