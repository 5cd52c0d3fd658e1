package design_test

import (
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
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
		{it, "/trials/0", "小摊"},
	} {
		if got := w.Place(c.f, c.pointer); !contains(got, c.want) || contains(got, "/") || c.want == "" && got != "" {
			t.Errorf("%s %s: %q, want %q", c.f.Path, c.pointer, got, c.want)
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
