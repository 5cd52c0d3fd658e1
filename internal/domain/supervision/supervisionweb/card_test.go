package supervisionweb_test

import (
	"net/url"
	"testing"

	"tongban/internal/base/webtest"
)

func TestACardGoesItsWayOnThePages(t *testing.T) {
	h, _ := pages(t)
	c := webtest.New(t, h)
	su, second, officer := as(c, "supervisor"), as(c, "second"), as(c, "officer")
	list := su.Get("/supervision/alarms", 200).Wants("待说明", "应于 2026-03-20 前完成")
	path := list.Find("tbody th a").AttrOr("href", "/none")

	p := su.Get(path, 200).Wants("承诺期限 2026-03-12 已过", "时效", "说明期限", "系统发现")
	p.Submit("#explain", url.Values{"act": {"urge"}, "text": {"短"}, "days": {"0"}}, 422).Wants("1 至 60 个工作日", "10 至 2000 个字", "短")
	p.Submit("#explain", url.Values{}, 422).Wants("请选择要怎样处理")
	su.Post(path, url.Values{"act": {"explain"}, "text": {"监察人员不能替部门说明情况"}}, 422)
	p.Submit("#explain", url.Values{"act": {"urge"}, "text": {"请三日内办结并说明超期原因"}, "days": {"3"}}, 200).Wants("督办中", "请三日内办结并说明超期原因", "2026-03-18")

	desk := officer.Get(officer.Get("/desk/alarms", 200).Find("tbody th a").AttrOr("href", "/none"), 200).Wants("督办", "答复督办", "提出申诉")
	desk.Submit("#explain", url.Values{"act": {"answer"}, "explanation": {"已于当天作出决定并送达申请人。"}}, 200).Wants("已说明", "已于当天作出决定并送达申请人。")
	desk.Submit("#explain", url.Values{"act": {"appeal"}, "explanation": {"超期因系统故障造成，请求核销。"}}, 200).Wants("申诉中")
	su.Get(path, 200).Submit("#explain", url.Values{"act": {"cancel"}, "text": {"经查系统确有故障，提请核销。"}}, 200).Wants("待核销复核")
	su.Post(path, url.Values{"act": {"confirm"}}, 403)
	done := second.Get(path, 200).Submit("#explain", url.Values{"act": {"confirm"}}, 200).Wants("已核销", "同意核销")
	if done.Find("#main form[method=post]").Length() != 0 {
		t.Error("something can still be done to a cancelled card")
	}
	su.Get("/supervision/points?month=2026-03", 200).Wants("清江区市场监督管理局", "2026-03 各部门扣分")
	as(c, "abroad").Get(path, 404)
	as(c, "officer").Get(path, 403)
	en := as(c, "supervisor")
	en.Lang = "en"
	en.Get(path, 200).Wants("Cancelled", "Agreed to cancel")
}

func TestFiguresLeadToTheirCases(t *testing.T) {
	h, _ := pages(t)
	c := webtest.New(t, h)
	su := as(c, "supervisor")
	p := su.Get("/supervision/bottlenecks", 200).Wants("书面审查", "合计", "正在等候", "这段时间没有办结的办件")
	if got := p.Find("#figures table").First().Find("tbody tr").Length(); got != 2 {
		t.Errorf("%d lines, want the total and one step", got)
	}
	su.Get(p.Find("#figures td a").AttrOr("href", "/none"), 200).Wants("正在等候的办件", "QL-NO-1", "共 1 条")
	su.Get("/supervision/bottlenecks?by=agency&agency=market", 200).Wants("清江区市场监督管理局")
	su.Get("/supervision/bottlenecks?from=x", 400)
	su.Get("/supervision/bottlenecks/cases?of=nothing", 404)
	as(c, "abroad").Get("/supervision/bottlenecks", 200).Wants("没有符合条件的数据")
	for _, path := range []string{"/supervision/bottlenecks", "/supervision/bottlenecks/cases?of=done", "/supervision/points", "/supervision/thresholds"} {
		as(c, "officer").Get(path, 403)
		as(c, "nowhere").Get(path, 403)
	}
}

func TestThresholdsAreSetFromADayOn(t *testing.T) {
	h, _ := pages(t)
	su := as(webtest.New(t, h), "supervisor")
	p := su.Get("/supervision/thresholds", 200).Wants("说明期限（工作日）", "没有调整过")
	typed := func(value, y, m, d, reason string) url.Values {
		return url.Values{"key": {"explain_days"}, "value": {value}, "from.y": {y}, "from.m": {m}, "from.d": {d}, "reason": {reason}}
	}
	p.Submit("#limit", typed("x", "2026", "3", "1", ""), 422).Wants("1 到 60 之间", "今天或者以后的日期", "写明调整的理由")
	p.Submit("#limit", typed("3", "2026", "3", "13", "提高时效"), 200).Wants("提高时效", "2026-03-13", "990100")
}
