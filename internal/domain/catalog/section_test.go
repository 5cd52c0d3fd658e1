package catalog_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog"
)

func TestOurPacksAreInOrder(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	for _, name := range []string{"qinglan", "food-licence", "elder-card"} {
		files := packDir(t, name)
		if ps := s.CheckSection(t.Context(), files, anything{}); len(ps) > 0 {
			t.Errorf("%s:\n%s", name, words(ps))
		}
		load(t, d, s, files)
	}
}

// swap gives the pack with a piece of one file changed.
func swap(t *testing.T, files []packfile.File, path, from, to string) []packfile.File {
	t.Helper()
	out := slices.Clone(files)
	i := slices.IndexFunc(out, func(f packfile.File) bool { return f.Path == path })
	if i < 0 || !strings.Contains(string(out[i].Data), from) {
		t.Fatalf("%s does not hold %q", path, from)
	}
	out[i].Data = []byte(strings.Replace(string(out[i].Data), from, to, 1))
	return out
}

func TestCheckFindsEveryMistake(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	const elder, food = "items/elder-card.yaml", "items/food-licence-new.yaml"
	cases := []struct{ pack, path, from, to, want string }{
		{"elder-card", elder, "key: elder-card", "key: Elder Card", "catalog.check_key"},
		{"elder-card", elder, "summary: ", "summary: \"\" #", "rule.required"},
		{"elder-card", elder, `base_code: "582011021000"`, `base_code: "58201102"`, "rule.base_code"},
		{"elder-card", elder, "serial: 1", "serial: 100", "rule.serial"},
		{"elder-card", elder, `use_level: "4"`, `use_level: "8"`, "catalog.check_code"},
		{"elder-card", elder, `item_type: "20"`, `item_type: "02"`, "rule.not_applied"},
		{"elder-card", elder, `audience: ["1"]`, `audience: ["1", "2"]`, "rule.theme_firm"},
		{"elder-card", elder, `{person: ["065", "090"], firm: []}`, `{person: ["080"], firm: []}`, "rule.code_unknown"},
		{"elder-card", elder, `case_kind: "1"`, `case_kind: "2"`, "rule.on_the_spot"},
		{"elder-card", elder, "promised: {n: 0", "promised: {n: 1", "rule.spot_promise"},
		{"elder-card", elder, "separate: false", "separate: true", "rule.spot_separate"},
		{"elder-card", elder, "online: full", "online: external", "rule.url_missing"},
		{"elder-card", elder, "flow: elder", "flow: other", "catalog.check_missing_flow"},
		{"elder-card", elder, "form: elder", "form: other", "catalog.check_missing_form"},
		{"elder-card", elder, `depth: ["1", "2", "3", "4"`, `depth: ["1", "2", "3"`, "rule.full_depth"},
		{"elder-card", elder, "visits: 0", "visits: 1", "rule.visits_reason"},
		{"elder-card", elder, `visits_reason: ""`, `visits_reason: 核对原件`, "rule.visits_no_reason"},
		{"elder-card", elder, "status: fictional", "status: sure", "rule.code_unknown"},
		{"elder-card", elder, "law: 清澜市老年人优待办法（虚构，供演示）", "law: 清澜市老年人优待办法", "rule.basis_fictional"},
		{"elder-card", elder, `effective: "2018-12-29"`, `effective: "2018年"`, "rule.basis_date"},
		{"elder-card", elder, "charged: false", "charged: true", "rule.fee_rows"},
		{"elder-card", elder, `complain: {phone: "0588-8610290"}`, `complain: {phone: "0588-8602103"}`, "rule.same_phone"},
		{"elder-card", elder, `consult: {phone: "0588-8602103"}`, `consult: {phone: "8602103"}`, "rule.phone"},
		{"elder-card", elder, "windows: [hall-civil]", "windows: []", "rule.place"},
		{"elder-card", elder, "sample: files/elder-card-sample.pdf", "sample: files/none.pdf", "catalog.check_missing_file"},
		{"elder-card", elder, "    source: self", "    source: licence", "rule.material_licence"},
		{"elder-card", elder, "    formats: [jpg, png]", "    formats: []", "rule.material_files"},
		{"elder-card", elder, "    formats: [jpg, png]", "    formats: [exe]", "rule.code_unknown"},
		{"elder-card", elder, "field: scenario.photo, op: eq, value: upload", "field: scenario.photo, op: eq, value: other", "cond.unknown_option"},
		{"elder-card", elder, "field: applicant.age, op: lt", "field: applicant.age, op: before", "cond.op_not_for_type"},
		{"elder-card", elder, "field: scenario.residence, op: eq, value: none", "field: scenario.photo, op: eq, value: upload", "cond.unknown_field"},
		{"elder-card", elder, "power_source: 法定本级行使", "power_source: 法定本级行使\nimported: {local_code: x}", "packfile.unknown"},
		{"elder-card", elder, "power_source:", "power_sources:", "packfile.unknown"},
		{"elder-card", elder, "level: 2", "level: 2\nlevels: {collect: 5}", "rule.level_range"},
		{"elder-card", elder, "level: 2", "level: 2\nlevels: {apply: 1}", "rule.full_level"},
		{"elder-card", elder, "level: 2", "level: 2\nlevels: {sign: 3}", "rule.sign_level"},
		{"elder-card", elder, "level: 2", "level: 2\ncommitment: {told: [符合条件]}", "rule.commitment"},
		{"elder-card", elder, "online: full", "sign: true\nonline: guide", "rule.sign_online"},
		{"elder-card", "forms/elder.yaml", "kind: declaration", "kind: promise", "form.unknown_kind"},
		{"elder-card", "flows/elder.yaml", "kind: decide", "kind: deliver", "flow.missing_decide"},
		{"elder-card", "flows/elder.yaml", ", on_the_spot: true", "", "catalog.check_flow_spot"},
		{"food-licence", food, "promised: {n: 8", "promised: {n: 12", "rule.promise_beyond_law"},
		{"food-licence", food, "promised: {n: 8", "promised: {n: 1", "flow.over_promise"},
		{"food-licence", food, "correction: {n: 5", "correction: {n: 7", "rule.correction_days"},
		{"food-licence", food, "acceptance_rule: licensing", "acceptance_rule: none", "rule.acceptance_licence"},
		{"food-licence", food, "separate: true", "separate: false", "catalog.check_separate"},
		{"food-licence", food, "refuse: refuse-licensing", "refusal: refuse-licensing", "rule.paper_act"},
	}
	for _, c := range cases {
		files := vectorDir(t, c.pack)
		ps := s.CheckSection(t.Context(), swap(t, files, c.path, c.from, c.to), anything{missing: []string{"file files/none.pdf"}})
		i := slices.IndexFunc(ps, func(p packfile.Problem) bool { return p.Key == c.want })
		if i < 0 {
			t.Errorf("%q → %q: %s not found in\n%s", c.from, c.to, c.want, words(ps))
			continue
		}
		if ps[i].File == "" || ps[i].Line == 0 {
			t.Errorf("%s has no place: %+v", c.want, ps[i])
		}
		for _, l := range []i18n.Lang{i18n.Chinese, i18n.English} {
			if text := i18n.In(l, ps[i].Key, ps[i].Params); text == ps[i].Key || strings.Contains(text, "{") {
				t.Errorf("%s in %s: %q", ps[i].Key, l, text)
			}
		}
	}
}

func TestCheckFollowsReferences(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	for missing, want := range map[string]string{
		"agency civil": "catalog.check_missing_agency", "window hall-civil": "catalog.check_missing_window", "licence_type id-card": "catalog.check_missing_licence_type",
		"post civil-elder": "catalog.check_post",
	} {
		ps := s.CheckSection(t.Context(), vectorDir(t, "elder-card"), anything{missing: []string{missing}})
		if len(ps) == 0 || slices.ContainsFunc(ps, func(p packfile.Problem) bool { return p.Key != want }) {
			t.Errorf("without %s:\n%s", missing, words(ps))
		}
	}
	branch := packfile.File{Path: "flows/b.yaml", Data: []byte(`
key: b
name: 分支
steps:
  - {key: accept, name: 受理, kind: accept, post: here}
  - {key: fork, name: 分支, kind: branch, ways: [
      {name: 甲, when: {field: form.a, op: not_empty}, steps: [{key: look, name: 审查, kind: review, post: nobody}]}, {name: 其余}]}
  - {key: decide, name: 决定, kind: decide, post: here}
`)}
	if ps := s.CheckSection(t.Context(), []packfile.File{branch}, anything{missing: []string{"post nobody"}}); len(ps) != 1 || ps[0].Key != "catalog.check_post" || ps[0].Pointer != "/steps/1/ways/0/steps/0/post" {
		t.Errorf("a post inside a branch: %s", words(ps))
	}
	bad := []packfile.File{{Path: "files/a.pdf", Data: []byte("MZ not a pdf")}, {Path: "files/b.exe", Data: []byte("MZ")}, {Path: "files/c.txt"}}
	var keys []string
	for _, p := range s.CheckSection(t.Context(), bad, anything{}) {
		keys = append(keys, p.Key)
	}
	if !slices.Equal(keys, []string{"catalog.check_file_content", "catalog.check_file_kind", "catalog.check_file_empty"}) {
		t.Errorf("files: %v", keys)
	}
}

func TestLoadKeepsOldVersionsAndIsIdempotent(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(d)
		files := vectorDir(t, "elder-card")
		load(t, d, s, files)
		load(t, d, s, files)
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": 1, "catalog_version": 1, "catalog_definition": 2, "event_event": 1})

		changed := swap(t, files, "items/elder-card.yaml", "满65周岁的老年人领优待证", "老年人领优待证")
		changed = swap(t, changed, "forms/elder.yaml", "label: 手机号或固定电话", "label: 电话")
		load(t, d, s, changed)
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": 1, "catalog_version": 2, "catalog_definition": 3, "event_event": 2})
		now, err := s.Item(t.Context(), "elder-card")
		if err != nil || now.Version != 2 || now.FormVersion != 2 || now.FlowVersion != 1 || now.Short != "老年人领优待证" {
			t.Errorf("current: version %d form %d flow %d %q %v", now.Version, now.FormVersion, now.FlowVersion, now.Short, err)
		}
		if want := "11580102004192572R4582011021000"; now.Code != want || now.VariantCode != want+"01" || now.Region != "580102" || now.AgencyName != "清澜市清江区民政局" {
			t.Errorf("computed: %s %s %s %s", now.Code, now.VariantCode, now.Region, now.AgencyName)
		}
		for range 2 { // from the database, then from memory
			old, err := s.ItemVersion(t.Context(), "elder-card", 1)
			if err != nil || old.Short != "满65周岁的老年人领优待证" || old.FormVersion != 1 || old.AgencyName == "" {
				t.Errorf("version 1: %q form %d %v", old.Short, old.FormVersion, err)
			}
		}
		f, v, err := s.Form(t.Context(), "elder", 1)
		if err != nil || v != 1 || f.Sections[1].Fields[0].Label != "手机号或固定电话" {
			t.Errorf("form 1: %d %v", v, err)
		}
		if _, v, err := s.Form(t.Context(), "elder", 0); v != 2 || err != nil {
			t.Errorf("newest form: %d %v", v, err)
		}
		if fl, _, err := s.Flow(t.Context(), "elder", 0); err != nil || len(fl.Steps) != 2 {
			t.Errorf("flow: %+v %v", fl, err)
		}
		vs, err := s.Versions(t.Context(), "elder-card")
		if err != nil || len(vs) != 2 || vs[0].Version != 2 {
			t.Errorf("versions: %+v %v", vs, err)
		}
	})
}

func TestLoadRefusesForeignKeysAndRollsBack(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(d)
		load(t, d, s, vectorDir(t, "elder-card"))
		foreign := vectorDir(t, "elder-card")
		for i := range foreign {
			foreign[i].Pack = "other"
		}
		if ps := s.CheckSection(t.Context(), foreign, anything{}); len(ps) != 3 || ps[0].Key != "catalog.other_pack" {
			t.Errorf("check:\n%s", words(ps))
		}
		broken := swap(t, vectorDir(t, "food-licence"), "items/food-licence-new.yaml", "flow: food", "flow: gone")
		for want, files := range map[string][]packfile.File{"catalog.other_pack": foreign, "catalog.no_flow": broken, "catalog.pack_broken": {{Path: "items/a.yaml", Data: []byte("key: [")}}} {
			err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.LoadTx(ctx, tx, start, files) })
			if !errs.Is(err, want) {
				t.Errorf("load: %v, want %s", err, want)
			}
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_item": 1, "catalog_definition": 2})
	})
}

func TestFilesAreGivenOutOnlyIfTheGuideNamesThem(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(d)
		load(t, d, s, vectorDir(t, "elder-card"))
		f, err := s.File(t.Context(), "elder-card", "files/elder-card-sample.pdf")
		if err != nil || f.Mime != "application/pdf" || !strings.HasPrefix(string(f.Content), "%PDF") {
			t.Errorf("sample: %s %d bytes %v", f.Mime, len(f.Content), err)
		}
		for _, path := range []string{"", "pack.yaml", "files/../pack.yaml", "files/none.pdf"} {
			if _, err := s.File(t.Context(), "elder-card", path); errs.KindOf(err) != errs.NotFound {
				t.Errorf("%q: %v", path, err)
			}
		}
		names := s.Names(vectorDir(t, "elder-card"))
		if !slices.Equal(names["item"], []string{"elder-card"}) || !slices.Contains(names["file"], "files/elder-card-sample.pdf") || !slices.Equal(names["flow"], []string{"elder"}) {
			t.Errorf("names: %v", names)
		}
		if !s.HasKey(t.Context(), "form", "elder") || s.HasKey(t.Context(), "form", "none") || s.HasKey(t.Context(), "agency", "civil") {
			t.Error("HasKey")
		}
		if _, err := s.Item(t.Context(), "none"); !errs.Is(err, "catalog.no_item") {
			t.Errorf("unknown item: %v", err)
		}
		if _, err := s.ItemVersion(t.Context(), "elder-card", 9); errs.KindOf(err) != errs.NotFound {
			t.Errorf("unknown version: %v", err)
		}
	})
}

func TestDecisionTablesBecomeRulesOfTheItem(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(d)
	files := changed(t, "elder-card", "items/elder-card.yaml", "\naudience:", "\ntables: [too-young]\ntrials:\n  - {name: 年轻人, given: {applicant.age: 30}, materials: [], refused: []}\naudience:")
	if ps := words(s.CheckSection(t.Context(), files, anything{})); !strings.Contains(ps, "/tables/0 catalog.no_table") {
		t.Errorf("a table that is not there: %s", ps)
	}
	if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.LoadTx(ctx, tx, start, files) }); !errs.Is(err, "catalog.no_table") {
		t.Errorf("loading: %v", err)
	}
	rows := `key: too-young
name: 年龄
rows:
  - {name: young, when: {field: applicant.age, op: lt, value: 60}, refuse: 满60周岁才能申领}
tests:
  - {name: 小, given: {applicant.age: 59}, rows: [young]}
  - {name: 大, given: {applicant.age: 60}}
`
	files = append(files, packfile.File{Pack: "elder-card", Path: "tables/too-young.yaml", Data: []byte(rows)})
	ps := words(s.CheckSection(t.Context(), files, anything{}))
	if strings.Contains(ps, "no_table") || !strings.Contains(ps, "item.trial_refused") { // the trial says that nobody is refused
		t.Errorf("the check: %s", ps)
	}
	load(t, d, s, files)
	it, err := s.Item(t.Context(), "elder-card")
	refused := it.Failed(func(name string) any { return map[string]any{catalog.ApplicantAge: 30.0}[name] })
	if i := len(refused) - 1; err != nil || i < 0 || refused[i].Name != "too-young.young" || refused[i].Text != "满60周岁才能申领" {
		t.Errorf("%+v %v", refused, err)
	}
	if !s.HasKey(t.Context(), "table", "too-young") || !slices.Equal(s.Names(files)["table"], []string{"too-young"}) {
		t.Error("the table is not known by its key")
	}
	load(t, d, s, files) // the same again makes no new version
	if again, _ := s.Item(t.Context(), "elder-card"); again.Version != it.Version {
		t.Errorf("version %d after %d", again.Version, it.Version)
	}
}
