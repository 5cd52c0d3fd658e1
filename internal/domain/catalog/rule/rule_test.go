package rule_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/directory"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

const marketCode = "11580102MB0K731283"

// good is an item nothing is wrong with.
func good() *item.Item {
	return &item.Item{
		Key: "food", Visits: new(0), BaseCode: "000131006000", Serial: 1, Name: "食品经营许可（新办）", MainItem: "食品经营许可", Short: "开饭店要办的许可", Everyday: []string{"开饭店", "餐饮许可证"},
		Agency: "market", ItemType: "01", UseLevel: "4", PowerSource: "法定本级行使", Audience: []string{"1", "2"}, CaseKind: "2", Online: item.OnlineFull, BaseVersion: 2,
		Channels: []string{"1", "2"}, Depth: []string{"1", "4", "5", "6", "7"}, Themes: item.Themes{Person: []string{"040"}, Firm: []string{"010"}},
		Summary: "开饭店先办这个许可。全程网上办。", Who: []string{"有营业执照。"}, Windows: []string{"hall-food"}, Region: "580102", Form: "food", Flow: "food", Level: 2,
		Basis: []item.Basis{{Law: "中华人民共和国食品安全法", Article: "第三十五条", Text: "国家对食品生产经营实行许可制度。", Effective: "2021-04-29", Status: "knowledge"}},
		Limits: item.Limits{
			Legal: item.Limit{N: 10, Unit: clock.Workday, Basis: "食品经营许可和备案管理办法"}, Promised: item.Limit{N: 8, Unit: clock.Workday}, AcceptanceRule: item.AcceptLicensing,
			Extension: &item.Limit{N: 5, Unit: clock.Workday, By: "本机关负责人"}, Correction: &item.Limit{N: 5, Unit: clock.Workday}, Certificate: &item.Limit{N: 5, Unit: clock.Workday},
		},
		Fee: item.Fee{Note: "不收费"}, Consult: item.Contact{Phone: "0588-8602112"}, Complain: item.Contact{Phone: "12345"}, Validity: item.Validity{Years: 5},
		Result: item.Result{Kind: "licence", Name: "食品经营许可证", LicenceType: "food-business", Sample: "files/sample.pdf"},
		FAQ:    []item.Answer{{Q: "要多久？", A: "八个工作日。"}},
		Scenario: []item.Question{
			{Key: "kind", Ask: "您要做哪一类？", Options: []form.Option{{Value: "1", Label: "餐饮"}, {Value: "2", Label: "销售"}}},
			{
				Key: "bulk", Ask: "卖散装食品吗？", When: eq("scenario.kind", "2"), Options: []form.Option{{Value: "no", Label: "不卖"}, {Value: "yes", Label: "卖"}},
				Stop: &item.Stop{When: eq("scenario.bulk", "no"), Title: "办备案就可以", Text: "只卖预包装食品的不用办许可。"}, Warn: &item.Warn{When: eq("scenario.bulk", "yes"), Text: "要有专柜。"},
			},
		},
		Materials: []item.Material{
			{Key: "plan", Name: "经营场所平面图", Source: item.FromApplicant, Required: item.RequiredYes, Medium: "electronic", Formats: []string{"pdf"}, MaxMB: 10, MaxFiles: 3, Accept: "清楚", Basis: "办法第十四条"},
			{Key: "licence", Name: "营业执照", Source: item.FromLicence, LicenceType: "business-licence", Required: item.RequiredYes, Medium: "electronic", Accept: "在有效期内"},
		},
		CheckRules: []item.CheckRule{{Name: "kind", When: eq("scenario.kind", "2"), Text: "请先备案。"}},
		Delegates:  []item.Delegate{{Region: "580102001", Office: "柳桥街道便民服务中心", Acts: []string{"receive"}, Basis: "区政府令第3号"}},
	}
}

func eq(field, value string) cond.Expr { return cond.Expr{Field: field, Op: cond.Eq, Value: value} }

func facts() rule.Facts {
	return rule.Facts{
		Agency: func(key string) (rule.AgencyFacts, bool) {
			return rule.AgencyFacts{Code: marketCode, Level: "4", Nature: "1", Review: true, Court: true, Retired: key == "gone"}, key == "market" || key == "gone"
		},
		Base: func(code string) (*rule.BaseFacts, bool) {
			b := &rule.BaseFacts{Version: 2, Basis: []string{"食品安全法"}, State: "1", Against: func(it *item.Item) []rule.Contradiction {
				if it.Result.Kind == "licence" {
					return nil
				}
				var out []rule.Contradiction
				for _, c := range directory.Contradicts(directory.Base{ItemType: "01", ResultKind: "licence"}, it) {
					out = append(out, rule.Contradiction(c))
				}
				return out
			}}
			if code == "000131007000" {
				b.State = "2"
			}
			return b, strings.HasPrefix(code, "00013100")
		},
		Code: func(list, code string) bool { return list == "area" && code == "5" },
		Ended: func(list, code string) string {
			if list == "area" && code == "4" {
				return "2026-02-28"
			}
			return ""
		},
		Region: func(code string) (known, retired bool) { return strings.HasPrefix(code, "5801"), code == "580199" },
		Today:  "2026-03-02",
	}
}

func TestAGoodItemHasNoFindings(t *testing.T) {
	for _, f := range rule.Check(facts(), good()) {
		t.Errorf("%s %s %d: %s", f.Rule, f.Element, f.Row, f.Text(i18n.Chinese))
	}
}

// bad is, for every rule, what makes the good item break it.
var bad = map[string]func(it *item.Item){
	"required":           func(it *item.Item) { it.Summary = "" },
	"required_when":      func(it *item.Item) { set(it, "sso_pc", "1") },
	"who":                func(it *item.Item) { it.Who = nil },
	"base_code":          func(it *item.Item) { it.BaseCode = "00013100600" },
	"base_type":          func(it *item.Item) { it.ItemType = "07" },
	"serial":             func(it *item.Item) { it.Serial = 100 },
	"agency_code":        func(it *item.Item) { it.LocalCode = "11580102004192572R4000131006000" },
	"agency_level":       func(it *item.Item) { it.UseLevel = "3" },
	"agency_retired":     func(it *item.Item) { it.Agency = "gone" },
	"region":             func(it *item.Item) { it.Delegates[0].Region = "580199" },
	"not_applied":        func(it *item.Item) { it.ItemType = "02" },
	"code_unknown":       func(it *item.Item) { it.Themes.Person = []string{"080"} },
	"code_retired":       func(it *item.Item) { set(it, "area", "4") },
	"code_twice":         func(it *item.Item) { it.Channels = []string{"1", "2", "2"} },
	"name_long":          func(it *item.Item) { it.Name = strings.Repeat("名", 201) },
	"text_long":          func(it *item.Item) { set(it, "entrusted_by", strings.Repeat("局", 101)) },
	"blank":              func(it *item.Item) { it.Everyday = []string{"开饭店", " "} },
	"markup":             func(it *item.Item) { it.FAQ[0].A = "点<a href=x>这里</a>" },
	"invisible":          func(it *item.Item) { it.Summary = "许可\u200b办理。" },
	"theme_person":       func(it *item.Item) { it.Themes.Person = nil },
	"theme_person_extra": func(it *item.Item) { it.Audience = []string{"2"} },
	"theme_firm":         func(it *item.Item) { it.Themes.Firm = nil },
	"theme_firm_extra":   func(it *item.Item) { it.Audience = []string{"1"} },
	"on_the_spot":        func(it *item.Item) { it.CaseKind = "1" },
	"spot_promise":       func(it *item.Item) { it.Limits.OnTheSpot = true },
	"no_promise":         func(it *item.Item) { it.Limits.Promised.N = 0 },
	"spot_separate":      func(it *item.Item) { it.Limits.OnTheSpot, it.Separate = true, true },
	"spot_limits":        func(it *item.Item) { it.Limits.OnTheSpot = true },
	"promise_beyond_law": func(it *item.Item) { it.Limits.Promised.N, it.Limits.Legal.Unit = 11, clock.NaturalDay },
	"promise_unit":       func(it *item.Item) { it.Limits.Legal.Unit = clock.Month },
	"limit_range":        func(it *item.Item) { it.Limits.Correction.N = -1 },
	"legal_explain":      func(it *item.Item) { it.Limits.Legal.N = 0 },
	"legal_basis":        func(it *item.Item) { it.Limits.Legal.Basis = "" },
	"extension_by":       func(it *item.Item) { it.Limits.Extension.By = "" },
	"acceptance":         func(it *item.Item) { it.Limits.AcceptanceRule = "quick" },
	"acceptance_licence": func(it *item.Item) { it.Limits.AcceptanceRule = item.AcceptNone },
	"correction_days":    func(it *item.Item) { it.Limits.Correction.N = 6 },
	"certificate_days":   func(it *item.Item) { it.Limits.Certificate.N = 11 },
	"licence_twenty":     func(it *item.Item) { it.Limits.Legal.N, it.Limits.Legal.Basis = 21, "行政许可法第四十二条" },
	"extension_ten":      func(it *item.Item) { it.Limits.Extension.N = 16 },
	"licence_faq":        func(it *item.Item) { it.FAQ = nil },
	"licence_steps":      func(it *item.Item) { it.Flow = ""; set(it, "flow_text", "受理、审查、决定、送达") },
	"full_needs":         func(it *item.Item) { it.Form = "" },
	"full_depth":         func(it *item.Item) { it.Depth = []string{"1", "4"} },
	"full_channel":       func(it *item.Item) { it.Channels = []string{"1", "3"} },
	"full_visits":        func(it *item.Item) { it.Visits = new(1) },
	"full_level":         func(it *item.Item) { it.Level = 1 },
	"url_missing":        func(it *item.Item) { it.Online, it.URL = item.OnlineExternal, "http://example.org" },
	"url_unused":         func(it *item.Item) { it.URL = "https://example.org" },
	"level_range":        func(it *item.Item) { it.Levels.Collect = 5 },
	"sign_level":         func(it *item.Item) { it.Levels.Sign = 3 },
	"sign_online":        func(it *item.Item) { it.Sign, it.Online = true, item.OnlineGuide },
	"sign_below":         func(it *item.Item) { it.Sign, it.Level, it.Levels.Sign = true, 3, 2 },
	"commitment":         func(it *item.Item) { it.Commitment = &item.Commitment{Told: []string{"条件"}} },
	"on_licence":         func(it *item.Item) { it.OnLicence = &item.OnLicence{Type: "x", Act: item.LicenceRenew} },
	"visits_range":       func(it *item.Item) { it.Visits = new(21) },
	"visits_reason":      func(it *item.Item) { it.Visits = new(1) },
	"visits_no_reason":   func(it *item.Item) { it.VisitsReason = "核对原件" },
	"visits_channel":     func(it *item.Item) { it.Channels = []string{"1"} },
	"visits_mail":        func(it *item.Item) { it.Online = item.OnlineGuide },
	"visits_planned":     func(it *item.Item) { it.Materials[0].InPerson = true },
	"depth_guide":        func(it *item.Item) { it.Online = item.OnlineGuide },
	"integration":        func(it *item.Item) { it.Integration.Mode = "pushed" },
	"integration_online": func(it *item.Item) { it.Integration.Mode = "jump" },
	"planned_dates":      func(it *item.Item) { set(it, "effective", "2026-05-01"); set(it, "cancel", "2026-05-01") },
	"planned_past":       func(it *item.Item) { set(it, "cancel", "2026-03-01") },
	"basis":              func(it *item.Item) { it.Basis = nil },
	"basis_status":       func(it *item.Item) { it.Basis[0].Status = "" },
	"basis_fictional":    func(it *item.Item) { it.Basis[0].Status = "fictional" },
	"basis_date":         func(it *item.Item) { it.Basis[0].Effective = "2021年" },
	"basis_future":       func(it *item.Item) { it.Basis[0].Effective = "2026-07-01" },
	"licence_by_notice":  func(it *item.Item) { it.Basis[0].Law = "关于食品经营的通知" },
	"entrusted_by":       func(it *item.Item) { it.PowerSource = "上级委托" },
	"delegate_basis":     func(it *item.Item) { it.Delegates[0].Basis = "" },
	"delegate_decides":   func(it *item.Item) { it.Delegates[0].Basis, it.Delegates[0].Acts = "", []string{"decide"} },
	"fee_note":           func(it *item.Item) { it.Fee.Note = " " },
	"fee_basis":          func(it *item.Item) { it.Fee.Charged = true },
	"fee_rows":           func(it *item.Item) { it.Fee.Charged = true },
	"fee_free": func(it *item.Item) {
		it.Fee.Rows = []item.FeeRow{{Name: "工本费", StandardFen: 1000, Unit: "本", Basis: "文件"}}
	},
	"fee_amount":          func(it *item.Item) { it.Fee.Rows = []item.FeeRow{{Name: "工本费", StandardFen: -1, Unit: "本"}} },
	"fee_no_amount":       func(it *item.Item) { it.Fee.Rows = []item.FeeRow{{Name: "工本费", Unit: "本", Basis: "文件"}} },
	"fee_pay_online":      func(it *item.Item) { set(it, "pay_online", "1") },
	"phone":               func(it *item.Item) { it.Consult.Phone = "8602112" },
	"same_phone":          func(it *item.Item) { it.Complain = it.Consult },
	"place":               func(it *item.Item) { it.Windows = nil },
	"result_name":         func(it *item.Item) { it.Result.Name = "" },
	"result_sample":       func(it *item.Item) { it.Result.Sample = "" },
	"result_type":         func(it *item.Item) { it.Result.LicenceType = "" },
	"result_no_type":      func(it *item.Item) { it.Result.Kind = "approval" },
	"validity":            func(it *item.Item) { it.Validity.Years = 101 },
	"validity_result":     func(it *item.Item) { it.Result.Kind = "none" },
	"paper_act":           func(it *item.Item) { it.Papers = map[string]string{"refusal": "x"} },
	"column_required":     func(it *item.Item) { it.Materials[0].Name = "" },
	"material_key":        func(it *item.Item) { it.Materials[1].Key = "plan" },
	"material_accept":     func(it *item.Item) { it.Materials[0].Accept = "" },
	"material_count":      func(it *item.Item) { it.Materials[0].Copies = 100 },
	"material_licence":    func(it *item.Item) { it.Materials[1].LicenceType = "" },
	"material_no_licence": func(it *item.Item) { it.Materials[1].Source = item.FromApplicant },
	"material_upload":     func(it *item.Item) { it.Materials[1].MaxMB = 5 },
	"material_files":      func(it *item.Item) { it.Materials[0].Formats = nil },
	"material_paper":      func(it *item.Item) { it.Materials[0].Medium = "paper" },
	"material_twice":      func(it *item.Item) { it.Materials[1].Name = it.Materials[0].Name },
	"material_later":      func(it *item.Item) { it.Materials[0].LegalDemand, it.Materials[0].Required = true, item.RequiredLater },
	"material_vague":      func(it *item.Item) { it.Materials[0].Name = "有关部门要求提供的其他材料" },
	"material_held":       func(it *item.Item) { it.Materials[0].Name = "法定代表人身份证复印件" },
	"material_basis":      func(it *item.Item) { it.Materials[0].Basis = "" },
	"material_blank":      func(it *item.Item) { it.Materials[0].Name = "食品经营许可申请表" },
	"question_shape":      func(it *item.Item) { it.Scenario[0].Options = it.Scenario[0].Options[:1] },
	"question_condition":  func(it *item.Item) { it.Scenario[0].When = eq("scenario.bulk", "yes") },
	"question_ends":       func(it *item.Item) { it.Scenario[1].Stop.Text = "" },
	"check_shape":         func(it *item.Item) { it.CheckRules[0].When = cond.Expr{} },
	"findable":            func(it *item.Item) { it.Everyday = nil },
	"summary_long":        func(it *item.Item) { it.Summary = strings.Repeat("食品经营", 16) + "。" },
	"officialese":         func(it *item.Item) { it.Who = []string{"法律、法规规定的其他条件"} },
	"base_unknown":        func(it *item.Item) { it.BaseCode = "000131999000" },
	"base_contradiction":  func(it *item.Item) { it.Result.Kind = "approval" },
	"base_basis":          func(it *item.Item) { it.Basis[0].Law = "某条例" },
	"base_outdated":       func(it *item.Item) { it.BaseVersion = 1 },
	"base_state":          func(it *item.Item) { it.BaseCode = "000131007000" },
}

func set(it *item.Item, key, value string) {
	e, _ := item.ByKey(key)
	if err := e.Set(it, []string{value}); err != nil {
		panic(fmt.Sprint(key, ": ", err))
	}
}

// Every rule has an item that breaks it, and says in both languages what, where and what to do.
func TestEveryRuleFindsWhatItIsFor(t *testing.T) {
	for _, r := range rule.All {
		spoil, ok := bad[r.Key]
		if r.Key == "remedies" {
			continue // depends on the agency: TestRemediesFollowFromTheAgency
		}
		if !ok {
			t.Errorf("%s: no item breaks it", r.Key)
			continue
		}
		it := good()
		spoil(it)
		found := rule.Check(facts(), it)
		i := slices.IndexFunc(found, func(f rule.Finding) bool { return f.Rule == r.Key })
		if i < 0 {
			t.Errorf("%s: not found in %v", r.Key, found)
			continue
		}
		f := found[i]
		if !strings.HasPrefix(f.At(), "/") || f.Level == "" || f.Place(i18n.Chinese) == "" {
			t.Errorf("%s has no place: %+v", r.Key, f)
		}
		for _, l := range []i18n.Lang{i18n.Chinese, i18n.English} {
			for _, text := range []string{f.Text(l), f.Remedy(l), r.Title(l)} {
				if strings.HasPrefix(text, "rule.") || strings.ContainsAny(text, "{}") {
					t.Errorf("%s in %s: %q", r.Key, l, text)
				}
			}
		}
	}
}

// machine are words that are no Chinese: what people may meet are formats, signs of the network and links.
var (
	machine = regexp.MustCompile(`[a-z_]{4,}`)
	known   = strings.NewReplacer("https://", "")
)

// What is wrong and what to do is said in Chinese to Chinese readers and names elements and codes in English to others; what somebody typed is quoted
// as it is.
func TestFindingsSpeakOneLanguage(t *testing.T) {
	more := map[string]func(it *item.Item){
		"unit":       func(it *item.Item) { it.Limits.Correction = &item.Limit{N: -1, Unit: clock.NaturalDay} },
		"contradict": func(it *item.Item) { it.Result.Kind, it.UseLevel, it.ItemType = "receipt", "2", "05" },
		"guide":      func(it *item.Item) { *it = item.Item{Online: item.OnlineGuide, Materials: []item.Material{{}}} },
		"retired":    func(it *item.Item) { it.Materials[0].Medium = "磁带"; it.Limits.Legal.Unit = "旬" },
		"external":   func(it *item.Item) { it.Online, it.Integration.Mode = item.OnlineExternal, "pushed" },
		"steps":      func(it *item.Item) { it.Materials[0].Medium, it.Materials[0].Original = "paper", 1 },
	}
	maps.Copy(more, bad)
	for name, spoil := range more {
		it := good()
		it.CheckRules[0].Name, it.Materials[0].Key = "核对", "甲"
		spoil(it)
		if it.Limits.AcceptanceRule == "quick" {
			it.Limits.AcceptanceRule = "快办"
		}
		if it.Papers["refusal"] != "" {
			it.Papers = map[string]string{"驳回": "x"}
		}
		if it.Agency == "gone" {
			it.AgencyName = "旧城区市场监督管理局"
		}
		if name == "markup" {
			it.FAQ[0].A = "点<b>"
		}
		for _, f := range rule.Check(facts(), it) {
			zh := f.Place(i18n.Chinese) + f.Text(i18n.Chinese) + f.Remedy(i18n.Chinese)
			if w := machine.FindString(known.Replace(zh)); w != "" {
				t.Errorf("%s: %s says %q: %s", name, f.Rule, w, zh)
			}
			en := f.Place(i18n.English) + f.Text(i18n.English) + f.Remedy(i18n.English)
			if e, ok := item.ByKey(f.Element); ok && strings.Contains(en, e.Chinese) || strings.ContainsAny(en, "{}") {
				t.Errorf("%s: %s in English: %s", name, f.Rule, en)
			}
		}
	}
}

func TestRulesAreDeclaredInFull(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rule.All {
		if r.Basis == "" || !slices.Contains(rule.Levels, r.Level) || seen[r.Key] {
			t.Errorf("%s: %q %q", r.Key, r.Basis, r.Level)
		}
		seen[r.Key] = true
		if got, ok := rule.ByKey(r.Key); !ok || got.Key != r.Key {
			t.Errorf("%s cannot be found", r.Key)
		}
	}
	if len(rule.All) < 40 {
		t.Errorf("%d rules", len(rule.All))
	}
}

func TestRemediesFollowFromTheAgency(t *testing.T) {
	f := facts()
	f.Agency = func(string) (rule.AgencyFacts, bool) { return rule.AgencyFacts{Code: marketCode, Level: "4"}, true }
	if found := rule.Check(f, good()); len(found) != 1 || found[0].Rule != "remedies" {
		t.Errorf("agency without review and court: %+v", found)
	}
	f.Today = "2023-12-31"
	if found := rule.Check(f, good()); len(found) != 0 {
		t.Errorf("before the law was in force: %+v", found)
	}
}

func TestWithoutFactsRulesAreSilent(t *testing.T) {
	it := good()
	it.Agency, it.Region, it.BaseCode, it.BaseVersion = "unknown", "999999", "000131888000", 7
	if found := rule.Check(rule.Facts{}, it); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

func TestScoreAndTally(t *testing.T) {
	it := good()
	if n := rule.Score(nil, it); n != 100 {
		t.Errorf("good item: %d", n)
	}
	many := []rule.Finding{{Rule: "a", Level: rule.Warn}, {Rule: "a", Level: rule.Warn}, {Rule: "a", Level: rule.Warn}, {Rule: "a", Level: rule.Warn}, {Rule: "b", Level: rule.Advice}}
	if n := rule.Score(many, it); n != 83 {
		t.Errorf("four of one rule count as three: %d", n)
	}
	it.Unreviewed = true
	if n := rule.Score(nil, it); n != 80 {
		t.Errorf("unreviewed: %d", n)
	}
	var none rule.Tally
	sum := none.Add(nil, good()).Add([]rule.Finding{{Rule: "a", Level: rule.Block}, {Rule: "a", Level: rule.Block}}, good())
	if sum.Items != 2 || sum.Clean != 1 || sum.Score() != 85 || sum.ByRule["a"] != 1 || sum.ByLevel[rule.Block] != 2 || none.Items != 0 {
		t.Errorf("%+v %d", sum, sum.Score())
	}
	if twice := sum.Join(sum); twice.Items != 4 || twice.Score() != 85 || sum.ByRule["a"] != 1 {
		t.Errorf("joined: %+v", twice)
	}
}

func BenchmarkCheck(b *testing.B) {
	f, it := facts(), good()
	for b.Loop() {
		rule.Check(f, it)
	}
}

// What nobody has said is neither nought nor too little.
func TestUnknownTripsAreNotNought(t *testing.T) {
	it := good()
	it.Visits, it.Online, it.Channels, it.VisitsReason = nil, item.OnlineGuide, []string{"1"}, "核对原件"
	it.Materials[0].InPerson = true
	for _, f := range rule.Check(facts(), it) {
		if strings.HasPrefix(f.Rule, "visits") {
			t.Errorf("%s: %s", f.Rule, f.Text(i18n.Chinese))
		}
	}
	e, _ := item.ByKey("visits")
	if got := e.Text(i18n.Chinese, it); got != "" {
		t.Errorf("unknown trips are shown as %q", got)
	}
	it.Visits = new(0)
	if got := e.Text(i18n.Chinese, it); got != "0" {
		t.Errorf("nought is shown as %q", got)
	}
}

func TestAMissingRuleOfAcceptanceIsSaidToBeMissing(t *testing.T) {
	for value, want := range map[string]string{"": "缺少受理规则", "soon": "受理规则“soon”不认识"} {
		it := good()
		it.Limits.AcceptanceRule = value
		i := slices.IndexFunc(rule.Check(facts(), it), func(f rule.Finding) bool { return f.Rule == "acceptance" })
		if i < 0 || !strings.Contains(rule.Check(facts(), it)[i].Text(i18n.Chinese), want) {
			t.Errorf("%q: finding %d does not say %s", value, i, want)
		}
	}
}
