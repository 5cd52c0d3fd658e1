package catalog

import (
	"fmt"
	"slices"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/flow"
)

// item checks one item of a pack: the rules an item office works with (package rule), of which those that block are problems, and what only the pack and
// the database can tell: whether what it names is there, fits, and is not taken.
func (c *checker) item(r read[Item]) {
	it := r.v
	k := &itemCheck{checker: c, doc: r.doc, it: &it}
	k.rules()
	for _, look := range []func(){k.code, k.references, k.scenario, k.materials, k.checkRules, k.definitions} {
		look()
	}
	k.when(it.Imported != nil, "/imported", "packfile.unknown", errs.P{"name": "imported"})
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

// closer are rules the pack check judges itself, with the form at hand and the exact place of a condition.
var closer = map[string]bool{"question_condition": true}

// rules turns what blocks into problems of the pack. The pack may bring its agency along, whose level and court are not known yet.
func (k *itemCheck) rules() {
	facts := rule.Facts{Today: k.s.now().In(clock.Shanghai).Format(time.DateOnly), Agency: func(key string) (rule.AgencyFacts, bool) {
		code, ok := k.codes[key]
		return rule.AgencyFacts{Code: code}, ok
	}}
	facts.Base = k.s.RuleFacts(k.ctx).Base
	for _, f := range rule.Check(facts, k.it) {
		if f.Level == rule.Block && !closer[f.Rule] {
			k.bad(f.At(), f.Key(), f.Params)
		}
	}
}

// code finds an implementing code that cannot be made and one that another item of the pack has.
func (k *itemCheck) code() {
	it := k.it
	k.exists("/agency", "agency", it.Agency)
	agency := k.codes[it.Agency]
	if agency == "" || len(it.BaseCode) != 12 || cnid.CheckItemCode(it.BaseCode) != nil || it.UseLevel == "" || it.Serial < 1 || it.Serial > 99 {
		return
	}
	_, code, err := item.ItemCodes(agency, it)
	if err != nil {
		k.bad("/base_code", "catalog.check_code", errs.P{"agency": it.Agency})
		return
	}
	if other, ok := k.seen["code "+code]; ok {
		k.bad("/serial", "catalog.check_code_twice", errs.P{"code": code, "file": other})
	}
	k.seen["code "+code] = it.Key
}

// exists finds references that lead nowhere.
func (k *itemCheck) exists(pointer, kind, key string) {
	if key != "" && !k.known.Has(kind, key) {
		k.bad(pointer, "catalog.check_missing_"+kind, errs.P{"key": key})
	}
}

// references: windows, licence types, paper templates, samples and other items the item names.
func (k *itemCheck) references() {
	it := k.it
	for i, w := range it.Windows {
		k.exists(fmt.Sprintf("/windows/%d", i), "window", w)
	}
	k.exists("/result/licence_type", "licence_type", it.Result.LicenceType)
	if it.OnLicence != nil {
		k.exists("/on_licence/type", "licence_type", it.OnLicence.Type)
	}
	k.fileRef("/result/sample", it.Result.Sample)
	for i, r := range it.MoreResults {
		k.exists(fmt.Sprintf("/more_results/%d/licence_type", i), "licence_type", r.LicenceType)
		k.fileRef(fmt.Sprintf("/more_results/%d/sample", i), r.Sample)
	}
	for act, template := range it.Papers {
		k.exists("/papers/"+act, "paper", template)
	}
	for i, p := range it.Joint {
		k.exists(fmt.Sprintf("/joint/%d/agency", i), "agency", p.Agency)
	}
	for i, q := range it.Scenario {
		if q.Stop != nil {
			k.exists(fmt.Sprintf("/scenario/%d/stop/item", i), "item", q.Stop.Item)
		}
	}
	for i, m := range it.Materials {
		at := fmt.Sprintf("/materials/%d", i)
		k.exists(at+"/licence_type", "licence_type", m.LicenceType)
		k.fileRef(at+"/empty", m.Empty)
		k.fileRef(at+"/sample", m.Sample)
	}
}

func (k *itemCheck) fileRef(pointer, p string) {
	if p == "" || slices.ContainsFunc(k.sec.files, func(f packfile.File) bool { return f.Path == p }) {
		return
	}
	k.exists(pointer, "file", p)
}

// definitions checks that form and flow are there and fit the item.
func (k *itemCheck) definitions() {
	it := k.it
	scope, ok := k.fields()
	k.when(!ok && !k.sec.broken, "/form", "catalog.check_missing_form", errs.P{"key": it.Form})
	if it.Flow == "" {
		return
	}
	r, own, found := k.flowOf(it.Flow)
	if !found {
		if k.sec.broken {
			return
		}
		k.bad("/flow", "catalog.check_missing_flow", errs.P{"key": it.Flow})
		return
	}
	k.when(r.v.Separate != it.Separate, "/separate", "catalog.check_separate")
	spot := slices.ContainsFunc(r.v.Steps, func(s flow.Step) bool { return s.OnTheSpot })
	k.when(spot != it.Limits.OnTheSpot, "/flow", "catalog.check_flow_spot")
	ps := r.v.Check(it.Limits.Promised.Period())
	if ok {
		ps = append(ps, r.v.CheckWhen(scope)...)
	}
	if own {
		k.engine(r.doc, ps)
		return
	}
	for _, p := range ps { // the flow stands elsewhere: it does not fit this item
		k.bad("/flow", p.Key, p.Params)
	}
}
