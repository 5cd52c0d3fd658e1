package design_test

import (
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
)

func names(kind, key string) string {
	return map[string]string{"post/market-window": "市场监管综合窗口岗", "agency/market": "清江区市场监督管理局"}[kind+"/"+key]
}

const (
	stallForm = `key: stall
title: 摊点登记申请表
sections:
  - key: main
    title: 经营情况
    fields:
      - {key: q4, kind: radio, label: 油烟怎样处理, required: true, options: [{value: "1", label: 有净化设备}, {value: "2", label: 没有}]}
      - {key: area, kind: number, label: 面积, unit: 平方米, when: {field: q4, op: eq, value: "1"}}
`
	stallFlow = `key: stall
name: 摊点登记流程
steps:
  - {key: take, name: 受理, kind: accept, post: market-window, limit: {n: 5, unit: workday}}
`
)

func file(path, text string) design.File {
	k, key := design.KindOf(path)
	return design.File{Path: path, Kind: k, Key: key, Content: []byte(text)}
}

// said joins all a part says.
func said(p design.Part) string {
	var b strings.Builder
	var walk func([]design.Outline)
	walk = func(os []design.Outline) {
		for _, o := range os {
			b.WriteString(o.Text + "|" + strings.Join(o.Facts, "|") + "\n")
			walk(o.In)
		}
	}
	walk(p.Outline)
	for _, r := range p.Rows {
		b.WriteString(r.Label + "|" + r.Old + "|" + r.New + "\n")
	}
	for _, l := range p.Lines {
		b.WriteString(l.Sign + l.Text + "\n")
	}
	return b.String()
}

func TestADifferenceIsSaidInWords(t *testing.T) {
	w := design.NewWords(i18n.Chinese, names)
	w.Learn(packfile.File{Path: "forms/stall.yaml", Data: []byte(stallForm)})
	for _, c := range []struct {
		path, was, is string
		want, not     []string
	}{
		{
			"forms/stall.yaml", stallForm, strings.NewReplacer(`op: eq, value: "1"`, `op: in, value: ["1", "2"]`, "required: true", "required: false", "平方米", "亩").Replace(stallForm),
			[]string{"经营情况 › 面积 › 条件|“油烟怎样处理” 选了 有净化设备|“油烟怎样处理” 选了其中之一 有净化设备、没有", "油烟怎样处理 › 必填|是|否", "平方米|亩"},
			[]string{"q4", "true", "分节"},
		},
		{ // a question that is renamed stays itself, a new one is one row
			"forms/stall.yaml", stallForm, strings.Replace(stallForm, "label: 面积", "label: 占地面积", 1) + "      - {key: note, kind: textarea, label: 备注, autocomplete: \"off\"}\n",
			[]string{"占地面积 › 名称|面积|占地面积", "备注||名称：备注；种类：多行文字"},
			[]string{"autocomplete", "textarea"},
		},
		{
			"flows/stall.yaml", stallFlow, strings.NewReplacer("n: 5", "n: 3", "market-window", "elsewhere").Replace(stallFlow),
			[]string{"受理 › 时限|5 个工作日|3 个工作日", "受理 › 岗位|市场监管综合窗口岗|elsewhere"},
			[]string{"workday", "market-window"},
		},
		{"forms/stall.yaml", "", stallForm, []string{"经营情况", "油烟怎样处理|单选|必填|有净化设备、没有", "面积|数字|单位 平方米|条件：“油烟怎样处理” 选了 有净化设备"}, []string{"q4", "number", "main"}},
		{"flows/stall.yaml", "", stallFlow, []string{"受理|受理|市场监管综合窗口岗|5 个工作日"}, []string{"workday", "take"}},
		{
			"tables/stall.yaml", "", "key: stall\nname: 规则\nrows:\n  - {name: 太小, when: {field: form.area, op: lt, value: 4}, refuse: 面积不够}\n",
			[]string{"只看第一行符合的", "太小|条件：“面积” 小于 4平方米", "不能提交：面积不够"},
			[]string{"first", "form.area"},
		},
		{"forms/stall.yaml", "a: [", "b: [", []string{"-a: [", "+b: ["}, nil},
	} {
		f := file(c.path, c.is)
		f.New = c.was == ""
		got := said(w.Compare(f, []byte(c.was)))
		for _, x := range c.want {
			if !contains(got, x) {
				t.Errorf("%s lacks %q:\n%s", c.path, x, got)
			}
		}
		for _, x := range c.not {
			if contains(got, x) {
				t.Errorf("%s says %q:\n%s", c.path, x, got)
			}
		}
	}
}

const (
	stallItem = `key: stall
name: 食品摊贩登记
agency: market
form: stall
flow: stall
tables: [stall]
papers: {grant: grant-stall}
result: {kind: licence, name: 登记卡, licence_type: stall-card, sample: files/登记卡样本.pdf}
`
	stallPaper = `key: grant-stall
act: grant
title: 准予登记决定书
number: "{mark}准〔{year}〕{n}号"
layout:
  paper: A4
  blocks:
    - {kind: title, text: "{{agency}}"}
    - {kind: para, text: "本机关于{{accepted_cn}}受理{{applicant}}的申请。{{stranger}}"}
`
	stallCard = `key: stall-card
name: 食品摊贩登记卡
number: "{region}{year}{seq:6}{check}"
fields: [{key: stall_no, label: 摊位号, from: form.q4}]
layout:
  paper: A4
  blocks:
    - {kind: para, text: "摊位{{stall_no}}，{{valid_until}}前有效", if: stall_no}
`
)

// What is decided by lawyers is read by lawyers: no part of a new service is called by its key.
func TestANewServiceIsReadWithoutKeys(t *testing.T) {
	w := design.NewWords(i18n.Chinese, names)
	files := map[string]string{
		"items/stall.yaml": stallItem, "forms/stall.yaml": stallForm, "flows/stall.yaml": stallFlow, "papers/grant-stall.yaml": stallPaper,
		"licence-types/stall-card.yaml": stallCard, "tables/stall.yaml": "key: stall\nname: 摆摊规则\nrows: []\n",
	}
	for path, text := range files {
		w.Learn(packfile.File{Path: path, Data: []byte(text)})
	}
	for _, c := range []struct {
		path, was string
		want, not []string
	}{
		{
			"items/stall.yaml", "",
			[]string{"表单||摊点登记申请表", "流程||摊点登记流程", "文书模板 › 准予||模板：准予登记决定书", "登记卡", "证照类型：食品摊贩登记卡", "结果样本：登记卡样本.pdf", "规则表||摆摊规则"},
			[]string{"grant", "|stall", "stall-card", "files/"},
		},
		{"papers/grant-stall.yaml", "", []string{"〔机关名称〕", "于〔受理日期〕受理〔申请人〕的申请", "〔机关代字〕准〔〔年份〕〕〔序号〕号", "{{stranger}}"}, []string{"{{agency}}", "accepted_cn", "{year}"}},
		{"papers/grant-stall.yaml", strings.Replace(stallPaper, "受理{{app", "收到{{app", 1), []string{"本机关于〔受理日期〕收到〔申请人〕的申请"}, []string{"{{applicant}}"}},
		{"licence-types/stall-card.yaml", strings.Replace(stallCard, "if: stall_no", "if: valid_until", 1), []string{"有效期至|摊位号"}, []string{"stall_no", "valid_until"}},
		{"licence-types/stall-card.yaml", "", []string{"〔行政区划代码〕〔年份〕〔6位流水号〕〔校验码〕"}, []string{"{seq"}},
	} {
		f := file(c.path, files[c.path])
		f.New = c.was == ""
		got := said(w.Compare(f, []byte(c.was)))
		for _, x := range c.want {
			if !contains(got, x) {
				t.Errorf("%s lacks %q:\n%s", c.path, x, got)
			}
		}
		for _, x := range c.not {
			if contains(got, x) {
				t.Errorf("%s says %q:\n%s", c.path, x, got)
			}
		}
	}
}

// A step that is not finished says what it has, and nothing about what it has not.
func TestWhatIsEmptyIsNotSaid(t *testing.T) {
	w := design.NewWords(i18n.Chinese, names)
	f := file("flows/stall.yaml", stallFlow+"  - {key: two, name: 并行, kind: parallel, post: \"\", parallel: [[], []]}\n")
	got := said(w.Compare(f, []byte(stallFlow)))
	if !contains(got, "并行||名称：并行；种类：并行\n") || contains(got, "岗位") {
		t.Errorf("%s", got)
	}
	emptied := said(w.Compare(file("forms/stall.yaml", strings.Replace(stallForm, "unit: 平方米", "unit: \"\"", 1)), []byte(stallForm)))
	if !contains(emptied, "单位|平方米|\n") {
		t.Errorf("what became empty: %s", emptied)
	}
}

func TestAPlaceIsSaidInWords(t *testing.T) {
	w := design.NewWords(i18n.Chinese, names)
	w.Learn(packfile.File{Path: "forms/stall.yaml", Data: []byte(stallForm)})
	it := file("items/stall.yaml", "key: stall\nbasis:\n  - {law: 食品安全法, article: 第三十六条}\nmaterials:\n  - {key: m, name: 健康证}\ntrials:\n  - {name: 小摊}\n")
	for _, c := range []struct {
		f             design.File
		pointer, want string
	}{
		{file("forms/stall.yaml", stallForm), "/sections/0/fields/1/when/field", "经营情况 › 面积 › 条件"},
		{file("forms/stall.yaml", stallForm), "", ""},
		{file("forms/stall.yaml", stallForm), "/sections/9", ""},
		{file("flows/stall.yaml", stallFlow), "/steps/0/post", "受理 › 岗位"},
		{it, "/materials/0/when", "健康证"},
		{it, "/basis", "依据"},
		{it, "/limits/acceptance_rule", "受理规则"},
		{it, "/result/licence_type", "证照类型"},
		{it, "/trials/0", "小摊"},
	} {
		if got := w.Place(c.f, c.pointer); !contains(got, c.want) || contains(got, "/") || c.want == "" && got != "" {
			t.Errorf("%s %s: %q, want %q", c.f.Path, c.pointer, got, c.want)
		}
	}
	for _, e := range item.Elements { // none is called by its key, however short that is
		if got := w.Place(it, e.At()); got == e.Key || got == "" {
			t.Errorf("%s: %q", e.At(), got)
		}
	}
	w.Learn(packfile.File{Path: it.Path, Data: it.Content})
	for _, x := range []struct {
		p    packfile.Problem
		want string
		not  string
	}{
		{packfile.Problem{Key: "table.test_failed", Params: errs.P{"test": "十七岁", "want": "∅", "got": "未满十八周岁"}}, "应当命中 没有规则", "∅"},
		{packfile.Problem{Key: "item.trial_materials", Params: errs.P{"trial": "小摊", "want": "m", "got": "∅"}}, "健康证", "∅"},
		{packfile.Problem{File: it.Path, Pointer: "/limits/acceptance_rule", Key: "rule.acceptance", Params: errs.P{"value": ""}}, "缺少“受理规则”", "不认识"},
		{packfile.Problem{File: it.Path, Pointer: "/limits/acceptance_rule", Key: "rule.acceptance", Params: errs.P{"value": "licences"}}, "“licences”不认识", "缺少"},
	} {
		if got := w.Text(x.p); !contains(got, x.want) || contains(got, x.not) {
			t.Errorf("%s: %s", x.p.Key, got)
		}
	}
	if got := w.Params(packfile.Problem{Params: errs.P{"field": "q4", "post": "market-window", "n": 3}}); got["field"] != "油烟怎样处理" || got["post"] != "市场监管综合窗口岗" || got["n"] != 3 {
		t.Errorf("params: %v", got)
	}
}

func TestWhatHasEndedIsNotChecked(t *testing.T) {
	one(t, func(t *testing.T, k *town) {
		ctx := t.Context()
		c := k.draw()
		k.approve(c.ID)
		if g, err := k.Grants(ctx, lawyer, c.ID); err != nil || len(g) == 0 || g[0].Title == "" || g[0].Title == g[0].Item {
			t.Errorf("grants name the item: %+v %v", g, err)
		}
		is(t, k.Publish(ctx, market, c.ID), "")
		if ps, err := k.Check(ctx, market, c.ID); err != nil || len(ps) > 0 {
			t.Errorf("a published change: %+v %v", ps, err)
		}
		empty, err := k.Start(ctx, market, design.Start{Key: "cat-registration", Name: "养猫登记", Agency: "market"})
		is(t, err, "")
		if ps, err := k.Check(ctx, market, empty.ID); err != nil || len(ps) == 0 {
			t.Errorf("a draft without basis passes: %v", err)
		}
		is(t, k.Drop(ctx, market, empty.ID), "")
		if ps, err := k.Check(ctx, market, empty.ID); err != nil || len(ps) > 0 {
			t.Errorf("a dropped change: %+v %v", ps, err)
		}
		// Base items: those of the level of the actor's agencies, narrowed by a word.
		for _, x := range []struct {
			a    authz.Actor
			text string
			want int
		}{{market, "", 2}, {market, "免疫", 1}, {market, "无人机", 0}} {
			if got, err := k.BaseItems(ctx, x.a, x.text); err != nil || len(got) != x.want {
				t.Errorf("base items of %s for %q: %+v %v", x.a.AgencyID, x.text, got, err)
			}
		}
		_, err = k.BaseItems(ctx, lawyer, "")
		is(t, err, "base.forbidden")
	})
}
