package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
)

// item applies every rule to one item: the list an item office works with (domain guide §1.6) and the limits of 行政许可法.
func (c *checker) item(r read[Item]) {
	it := r.v
	k := &itemCheck{checker: c, doc: r.doc, it: &it}
	for _, rule := range []func(){
		k.required, k.codesOfItem, k.lists, k.audienceAndThemes, k.onTheSpot, k.online, k.trips, k.basis, k.limits, k.licensing, k.fee, k.contacts, k.places,
		k.result, k.papers, k.people, k.scenario, k.materials, k.rules, k.definitions,
	} {
		rule()
	}
}

type itemCheck struct {
	*checker
	doc *packfile.Doc
	it  *Item
}

func (k *itemCheck) bad(pointer, key string, p ...errs.P) { k.add(k.doc, pointer, key, p...) }

// when reports a finding if something is wrong.
func (k *itemCheck) when(wrong bool, pointer, key string, p ...errs.P) {
	if wrong {
		k.bad(pointer, key, p...)
	}
}

// exists finds references that lead nowhere.
func (k *itemCheck) exists(pointer, kind, key string) {
	if key != "" && !k.known.Has(kind, key) {
		k.bad(pointer, "catalog.check_missing_"+kind, errs.P{"key": key})
	}
}

func (k *itemCheck) required() {
	for _, e := range Elements {
		if e.Required && len(e.Get(k.it)) == 0 {
			k.bad("/"+e.Key, "catalog.check_required", errs.P{"name": e.Key, "zh": e.Chinese})
		}
	}
	k.when(len(k.it.Who) == 0, "/who", "catalog.check_who")
	k.when(k.it.Imported != nil, "/imported", "packfile.unknown", errs.P{"name": "imported"})
}

func (k *itemCheck) codesOfItem() {
	it := k.it
	if it.BaseCode != "" {
		if err := cnid.CheckItemCode(it.BaseCode); err != nil || len(it.BaseCode) != 12 {
			k.bad("/base_code", "catalog.check_base_code", errs.P{"code": it.BaseCode})
			return
		}
	}
	k.when(it.Serial < 1 || it.Serial > 99, "/serial", "catalog.check_serial")
	k.exists("/agency", "agency", it.Agency)
	agency := k.codes[it.Agency]
	if agency == "" || it.BaseCode == "" || it.UseLevel == "" || it.Serial < 1 || it.Serial > 99 {
		return
	}
	code, err := cnid.ImplementCode(agency, it.UseLevel, it.BaseCode)
	if err == nil {
		code, err = cnid.VariantCode(code, it.Serial)
	}
	if err != nil {
		k.bad("/base_code", "catalog.check_code", errs.P{"agency": it.Agency})
		return
	}
	if other, ok := k.seen["code "+code]; ok {
		k.bad("/serial", "catalog.check_code_twice", errs.P{"code": code, "file": other})
	}
	k.seen["code "+code] = it.Key
}

// lists finds codes that are in no list, and codes given twice.
func (k *itemCheck) lists() {
	it := k.it
	for _, l := range []struct {
		pointer, list string
		codes         []string
	}{
		{"/item_type", "type", []string{it.ItemType}},
		{"/use_level", "use_level", []string{it.UseLevel}},
		{"/audience", "audience", it.Audience},
		{"/case_kind", "case_kind", []string{it.CaseKind}},
		{"/online", "online", []string{it.Online}},
		{"/channels", "channel", it.Channels},
		{"/depth", "depth", it.Depth},
		{"/area", "area", []string{it.Area}},
		{"/themes/person", "theme_person", it.Themes.Person},
		{"/themes/firm", "theme_firm", it.Themes.Firm},
		{"/result/kind", "result", []string{it.Result.Kind}},
	} {
		seen := map[string]bool{}
		for _, code := range l.codes {
			k.when(code != "" && !slices.Contains(item.Lists[l.list], code), l.pointer, "catalog.check_code_list",
				errs.P{"code": code, "list": strings.Join(item.Lists[l.list], " ")})
			k.when(seen[code], l.pointer, "catalog.check_twice", errs.P{"value": code})
			seen[code] = true
		}
	}
	k.when(it.ItemType != "" && slices.Contains(item.Lists["type"], it.ItemType) && !slices.Contains(item.Applied, it.ItemType), "/item_type", "catalog.check_not_applied",
		errs.P{"code": it.ItemType})
}

func (k *itemCheck) audienceAndThemes() {
	person := slices.Contains(k.it.Audience, "1")
	firm := slices.ContainsFunc(k.it.Audience, func(a string) bool { return a != "1" })
	k.when(person && len(k.it.Themes.Person) == 0, "/themes", "catalog.check_theme_person")
	k.when(!person && len(k.it.Themes.Person) > 0, "/themes/person", "catalog.check_audience_person")
	k.when(firm && len(k.it.Themes.Firm) == 0, "/themes", "catalog.check_theme_firm")
	k.when(!firm && len(k.it.Themes.Firm) > 0, "/themes/firm", "catalog.check_audience_firm")
}

// onTheSpot: 承诺时限为即办 ⇔ 即办件.
func (k *itemCheck) onTheSpot() {
	spot := k.it.Limits.OnTheSpot
	k.when(spot && k.it.CaseKind == "2" || !spot && k.it.CaseKind == "1", "/case_kind", "catalog.check_on_the_spot")
	k.when(spot && k.it.Limits.Promised.N != 0, "/limits/promised", "catalog.check_spot_promise")
	k.when(!spot && k.it.Limits.Promised.N == 0, "/limits/promised", "catalog.check_no_promise")
	k.when(spot && k.it.Separate && k.it.Flow != "", "/separate", "catalog.check_spot_separate")
}

func (k *itemCheck) online() {
	it := k.it
	if it.Online == OnlineFull {
		k.when(it.Form == "", "/online", "catalog.check_full_needs", errs.P{"name": "form"})
		k.when(it.Flow == "", "/online", "catalog.check_full_needs", errs.P{"name": "flow"})
		k.when(it.Result.Name == "", "/online", "catalog.check_full_needs", errs.P{"name": "result"})
		k.when(!slices.Contains(it.Depth, "4") || !slices.Contains(it.Depth, "5"), "/depth", "catalog.check_full_depth")
		k.when(!slices.Contains(it.Channels, "2"), "/channels", "catalog.check_full_channel")
		k.when(it.Visits > 0, "/visits", "catalog.check_full_visits")
		k.when(it.Level < 2, "/level", "catalog.check_full_level")
	}
	external := it.Online == OnlineExternal
	k.when(external && !strings.HasPrefix(it.URL, "https://"), "/url", "catalog.check_url")
	k.when(!external && it.URL != "", "/url", "catalog.check_url_unused")
	k.when(it.Level < 0 || it.Level > 4, "/level", "catalog.check_level")
	k.levels()
}

// levels: signing and collecting may ask for more than applying, never for a level that does not exist; only what is sent here can be signed here.
func (k *itemCheck) levels() {
	it := k.it
	for _, l := range []struct {
		name string
		n    int
	}{{"apply", it.Levels.Apply}, {"sign", it.Levels.Sign}, {"collect", it.Levels.Collect}, {"view", it.Levels.View}} {
		k.when(l.n < 0 || l.n > 4, "/levels/"+l.name, "catalog.check_level")
	}
	k.when(it.Online == OnlineFull && it.Levels.Apply == 1, "/levels/apply", "catalog.check_full_level")
	k.when(it.Levels.Sign > 0 && !it.Signs(), "/levels/sign", "catalog.check_sign_level")
	k.when(it.Sign && it.Online != OnlineFull, "/sign", "catalog.check_sign_online")
	if c := it.Commitment; c != nil {
		k.when(len(c.Told) == 0 || len(c.Promised) == 0 || strings.TrimSpace(c.Consequence) == "", "/commitment", "catalog.check_commitment")
	}
}

func (k *itemCheck) trips() {
	n, reason := k.it.Visits, strings.TrimSpace(k.it.VisitsReason)
	k.when(n < 0 || n > 20, "/visits", "catalog.check_visits")
	k.when(n > 0 && reason == "", "/visits_reason", "catalog.check_visits_reason")
	k.when(n == 0 && reason != "", "/visits_reason", "catalog.check_visits_no_reason")
	k.when(n == 0 && !slices.ContainsFunc(k.it.Channels, func(c string) bool { return c == "2" || c == "3" || c == "4" }), "/channels", "catalog.check_visits_channel")
}

func (k *itemCheck) basis() {
	k.when(len(k.it.Basis) == 0, "/basis", "catalog.check_basis")
	for i, b := range k.it.Basis {
		at := fmt.Sprintf("/basis/%d", i)
		k.when(strings.TrimSpace(b.Law) == "" || strings.TrimSpace(b.Article) == "" || strings.TrimSpace(b.Text) == "", at, "catalog.check_basis_text")
		k.when(!slices.Contains(item.Lists["basis_status"], b.Status), at+"/status", "catalog.check_basis_status", errs.P{"value": b.Status})
		k.when(b.Status == "fictional" && !strings.Contains(b.Law, "虚构"), at+"/law", "catalog.check_basis_fictional")
		if _, err := time.Parse(time.DateOnly, b.Effective); b.Effective != "" && err != nil {
			k.bad(at+"/effective", "catalog.check_date", errs.P{"value": b.Effective})
		}
	}
}

func (k *itemCheck) limits() {
	l := k.it.Limits
	rows := map[string]*Limit{"legal": &l.Legal, "promised": &l.Promised, "extension": l.Extension, "correction": l.Correction, "certificate": l.Certificate}
	for _, name := range []string{"legal", "promised", "extension", "correction", "certificate"} {
		row, at := rows[name], "/limits/"+name
		if row == nil {
			continue
		}
		needed := name != "legal" && name != "promised"
		wrongUnit := !slices.Contains(item.Lists["unit"], string(row.Unit))
		k.when(wrongUnit, at, "catalog.check_unit", errs.P{"value": row.Unit})
		k.when(row.N < 0 || needed && row.N == 0 || !wrongUnit && row.N > 0 && row.Period().Check() != nil, at, "catalog.check_limit", errs.P{"n": row.N})
	}
	k.when(l.Legal.N == 0 && l.Legal.Explain == "", "/limits/legal", "catalog.check_limit_explain")
	k.when(l.Legal.Basis == "", "/limits/legal", "catalog.check_limit_basis")
	k.when(l.Legal.N > 0 && l.Legal.Unit == l.Promised.Unit && l.Promised.N > l.Legal.N, "/limits/promised", "catalog.check_promise",
		errs.P{"promised": l.Promised.N, "legal": l.Legal.N})
	k.when(l.Legal.N > 0 && l.Promised.N > 0 && l.Legal.Unit != l.Promised.Unit, "/limits/promised", "catalog.check_promise_unit")
	k.when(l.Extension != nil && l.Extension.By == "", "/limits/extension", "catalog.check_extension")
	k.when(!slices.Contains([]string{AcceptLicensing, AcceptRealEstate, AcceptMarketEntity, AcceptNone}, l.AcceptanceRule), "/limits/acceptance_rule",
		"catalog.check_acceptance", errs.P{"value": l.AcceptanceRule})
}

// licensing holds an administrative licence to 行政许可法: acceptance by art. 32, correction notice within 5, licence within 10 working days (art. 44).
func (k *itemCheck) licensing() {
	l := k.it.Limits
	k.when(k.it.ItemType == "01" && l.AcceptanceRule != AcceptLicensing, "/limits/acceptance_rule", "catalog.check_acceptance_licence")
	if l.AcceptanceRule != AcceptLicensing {
		return
	}
	over := func(row *Limit, n int) bool { return row != nil && row.Unit == clock.Workday && row.N > n }
	k.when(over(l.Correction, 5), "/limits/correction", "catalog.check_correction")
	k.when(over(l.Certificate, 10), "/limits/certificate", "catalog.check_certificate")
	k.when(len(k.it.FAQ) == 0, "/faq", "catalog.check_faq")
}

func (k *itemCheck) fee() {
	f := k.it.Fee
	k.when(strings.TrimSpace(f.Note) == "", "/fee", "catalog.check_fee_note")
	k.when(f.Charged && strings.TrimSpace(f.Basis) == "", "/fee", "catalog.check_fee_basis")
	k.when(f.Charged && len(f.Rows) == 0, "/fee", "catalog.check_fee_rows")
	k.when(!f.Charged && len(f.Rows) > 0, "/fee/rows", "catalog.check_fee_free")
	for i, r := range f.Rows {
		at := fmt.Sprintf("/fee/rows/%d", i)
		k.when(strings.TrimSpace(r.Name) == "" || r.Unit == "" || r.Basis == "", at, "catalog.check_fee_row")
		k.when(r.StandardFen < 0, at+"/standard_fen", "catalog.check_fee_amount")
	}
}

// telephone has an area code, or is a number that needs none (mobile, 400, 12345 and the like).
var telephone = regexp.MustCompile(`^(0\d{2,3}-\d{5,8}(-\d{1,6})?|1\d{10}|400-?\d{3}-?\d{4}|1\d{4})$`)

func (k *itemCheck) contacts() {
	for name, c := range map[string]Contact{"consult": k.it.Consult, "complain": k.it.Complain} {
		k.when(c.Phone != "" && !telephone.MatchString(c.Phone), "/"+name+"/phone", "catalog.check_phone", errs.P{"value": c.Phone})
	}
	k.when(k.it.Consult.Phone != "" && k.it.Consult.Phone == k.it.Complain.Phone, "/complain/phone", "catalog.check_same_phone")
}

func (k *itemCheck) places() {
	k.when(len(k.it.Windows) == 0, "/windows", "catalog.check_windows")
	for i, w := range k.it.Windows {
		k.exists(fmt.Sprintf("/windows/%d", i), "window", w)
	}
}

func (k *itemCheck) result() {
	r, none := k.it.Result, k.it.Result.Kind == "none"
	k.when(!none && strings.TrimSpace(r.Name) == "", "/result", "catalog.check_result_name")
	k.when(!none && r.Sample == "", "/result", "catalog.check_result_sample")
	k.when(k.it.Online == OnlineFull && r.Kind == "licence" && r.LicenceType == "", "/result", "catalog.check_result_type")
	k.when(r.Kind != "licence" && r.LicenceType != "", "/result/licence_type", "catalog.check_result_no_type")
	k.exists("/result/licence_type", "licence_type", r.LicenceType)
	k.fileRef("/result/sample", r.Sample)
	v := k.it.Validity
	k.when(v.Years < 0 || v.Months < 0 || v.Days < 0 || v.Years > 100, "/validity", "catalog.check_validity")
}

func (k *itemCheck) fileRef(pointer, p string) {
	if p == "" || slices.ContainsFunc(k.sec.files, func(f packfile.File) bool { return f.Path == p }) {
		return
	}
	k.exists(pointer, "file", p)
}

func (k *itemCheck) papers() {
	for act, template := range k.it.Papers {
		k.when(!slices.Contains(item.PaperActs, act), "/papers/"+act, "catalog.check_paper_act", errs.P{"value": act, "list": strings.Join(item.PaperActs, " ")})
		k.exists("/papers/"+act, "paper", template)
	}
}

func (k *itemCheck) people() {
	for i, f := range k.it.FAQ {
		k.when(strings.TrimSpace(f.Q) == "" || strings.TrimSpace(f.A) == "", fmt.Sprintf("/faq/%d", i), "catalog.check_faq_text")
	}
	for name, list := range map[string][]string{"who": k.it.Who, "not_for": k.it.NotFor, "rights": k.it.Rights, "duties": k.it.Duties, "everyday": k.it.Everyday} {
		k.when(slices.ContainsFunc(list, func(s string) bool { return strings.TrimSpace(s) == "" }), "/"+name, "catalog.check_blank", errs.P{"name": name})
	}
	k.when(len([]rune(k.it.Name)) > 200, "/name", "catalog.check_long", errs.P{"name": "name", "max": 200})
}
