package catalog

import (
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
)

func (k *itemCheck) condition(pointer string, e cond.Expr, s cond.Scope) {
	for _, p := range e.Check(s) {
		k.bad(pointer+p.Path, p.Key, p.Params)
	}
}

// scenario checks the questions; a condition may read earlier questions only, so that nothing goes round in circles.
func (k *itemCheck) scenario() {
	sofar := item.ApplicantScope()
	for i, q := range k.it.Scenario {
		at := fmt.Sprintf("/scenario/%d", i)
		_, twice := sofar[item.ScenarioPrefix+q.Key]
		k.when(!scenarioKey.MatchString(q.Key) || twice, at+"/key", "catalog.check_question_key", errs.P{"key": q.Key})
		k.when(strings.TrimSpace(q.Ask) == "", at, "catalog.check_question_ask", errs.P{"key": q.Key})
		k.when(len(q.Options) < 2, at, "catalog.check_question_options", errs.P{"key": q.Key})
		k.options(at, q)
		k.condition(at+"/when", q.When, sofar)
		sofar[item.ScenarioPrefix+q.Key] = q.Scope()
		if st := q.Stop; st != nil {
			k.when(st.When.IsZero() || strings.TrimSpace(st.Title) == "" || strings.TrimSpace(st.Text) == "", at+"/stop", "catalog.check_stop", errs.P{"key": q.Key})
			k.condition(at+"/stop/when", st.When, sofar)
			k.when(st.Item != "" && st.Item == k.it.Key, at+"/stop/item", "catalog.check_stop_self")
			k.exists(at+"/stop/item", "item", st.Item)
		}
		if w := q.Warn; w != nil {
			k.when(w.When.IsZero() || strings.TrimSpace(w.Text) == "", at+"/warn", "catalog.check_warn", errs.P{"key": q.Key})
			k.condition(at+"/warn/when", w.When, sofar)
		}
	}
}

func (k *itemCheck) options(at string, q Question) {
	seen := map[string]bool{}
	for j, o := range q.Options {
		k.when(o.Value == "" || strings.TrimSpace(o.Label) == "" || seen[o.Value], fmt.Sprintf("%s/options/%d", at, j), "catalog.check_option", errs.P{"key": q.Key, "value": o.Value})
		seen[o.Value] = true
	}
}

// fields gives the scope of the item's conditions. If the form cannot be found or read, that is a finding of its own and conditions on its fields are
// not judged: ok is false.
func (k *itemCheck) fields() (s cond.Scope, ok bool) {
	if k.it.Form == "" {
		return k.it.Scope(nil), true
	}
	d, ok := k.formOf(k.it.Form)
	return k.it.Scope(d.Scope()), ok
}

func (k *itemCheck) materials() {
	scope, ok := k.fields()
	seen := map[string]bool{}
	for i, m := range k.it.Materials {
		at := fmt.Sprintf("/materials/%d", i)
		k.when(!itemKey.MatchString(m.Key) || seen[m.Key], at+"/key", "catalog.check_material_key", errs.P{"key": m.Key})
		seen[m.Key] = true
		k.when(strings.TrimSpace(m.Name) == "", at, "catalog.check_material_name", errs.P{"key": m.Key})
		for _, l := range []struct{ name, list, v string }{{"source", "source", m.Source}, {"required", "required", m.Required}, {"medium", "medium", m.Medium}} {
			k.when(!slices.Contains(item.Lists[l.list], l.v), at+"/"+l.name, "catalog.check_code_list", errs.P{"code": l.v, "list": strings.Join(item.Lists[l.list], " ")})
		}
		k.when(strings.TrimSpace(m.Accept) == "", at, "catalog.check_material_accept", errs.P{"key": m.Key})
		k.when(m.Original < 0 || m.Copies < 0 || m.Original > 99 || m.Copies > 99, at, "catalog.check_material_count", errs.P{"key": m.Key})
		if ok {
			k.condition(at+"/when", m.When, scope)
		}
		k.fileRef(at+"/empty", m.Empty)
		k.fileRef(at+"/sample", m.Sample)
		k.source(at, m)
	}
}

// source: what the government holds is fetched and never asked for (行政许可法 第三十一条; 国务院令第716号), what is uploaded has kinds and limits.
func (k *itemCheck) source(at string, m Material) {
	upload := len(m.Formats) > 0 || m.MaxMB > 0 || m.MaxFiles > 0
	switch m.Source {
	case FromLicence:
		k.when(m.LicenceType == "", at, "catalog.check_material_licence", errs.P{"key": m.Key})
		k.when(upload, at, "catalog.check_material_upload", errs.P{"key": m.Key})
	case FromPlatform:
		k.when(upload, at, "catalog.check_material_upload", errs.P{"key": m.Key})
	case FromApplicant:
		k.when(m.Medium != "paper" && (len(m.Formats) == 0 || m.MaxMB < 1 || m.MaxMB > 300 || m.MaxFiles < 1 || m.MaxFiles > 50), at, "catalog.check_material_files", errs.P{"key": m.Key})
		k.when(m.Medium == "paper" && m.Original+m.Copies == 0, at, "catalog.check_material_paper", errs.P{"key": m.Key})
	}
	k.when(m.Source != FromLicence && m.LicenceType != "", at+"/licence_type", "catalog.check_material_no_licence", errs.P{"key": m.Key})
	k.exists(at+"/licence_type", "licence_type", m.LicenceType)
	for _, f := range m.Formats {
		k.when(!slices.Contains(item.UploadFormats, f), at+"/formats", "catalog.check_code_list", errs.P{"code": f, "list": strings.Join(item.UploadFormats, " ")})
	}
}

func (k *itemCheck) rules() {
	scope, ok := k.fields()
	seen := map[string]bool{}
	for i, r := range k.it.CheckRules {
		at := fmt.Sprintf("/check_rules/%d", i)
		k.when(r.Name == "" || seen[r.Name] || r.When.IsZero() || strings.TrimSpace(r.Text) == "", at, "catalog.check_rule", errs.P{"name": r.Name})
		seen[r.Name] = true
		if ok {
			k.condition(at+"/when", r.When, scope)
		}
	}
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
