package orgweb_test

import (
	"bytes"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/job"
	"tongban/internal/domain/org"
)

func newPerson() url.Values {
	return url.Values{
		"login": {"newone"}, "name": {"买买提·艾力"}, "phone": {"19900000088"}, "agency": {"market"}, "posts": {"market-decide"},
		"until.y": {"2026"}, "until.m": {"12"}, "until.d": {"31"}, "reason": {"清江市监〔2026〕3号"},
	}
}

func TestAnAccountIsProposedReviewedAndShown(t *testing.T) {
	k := open(t)
	k.Lang = "zh-CN"
	k.as(authz.Security)
	p := k.Get("/admin/staff", 200)
	p.Wants("陆正言", "经办人员", "决定岗").Lacks("19900000004")
	bad := newPerson()
	bad.Set("phone", "19900000014") // the system administrator's
	bad.Set("reason", "")
	p = k.Post("/admin/staff", bad, 422)
	contains(t, p, ".error-summary", "系统管理员")
	contains(t, p, "#f-reason-error", "请写明事由")
	if p.Find("input[name=name]").AttrOr("value", "") != "买买提·艾力" || p.Find("input[name=posts][value=market-decide][checked]").Length() != 1 || p.Find("input[name='until.y']").AttrOr("value", "") != "2026" {
		t.Error("the typed answers are gone")
	}
	p = k.Post("/admin/staff", newPerson(), 200)
	contains(t, p, "[data-status]", "等待另一位安全管理员审核")
	p.Wants("清江市监〔2026〕3号", "199****0088", "2026-12-31", "不能审核自己")
	address := p.URL.Path
	if p.Find("form[action$='/review']").Length() != 0 || p.Find("form[action$='/drop']").Length() != 1 {
		t.Error("the proposer may review")
	}
	k.Post(address+"/review", url.Values{"verdict": {"approve"}}, 403)
	k.second()
	p = k.Get("/admin/proposals", 200).Follow("新增人员")
	p = p.Submit("form[action$='/review']", url.Values{"verdict": {"refuse"}}, 422)
	contains(t, p, "#f-note-error", "请写明不同意的理由")
	p = k.Post(address+"/review", url.Values{"verdict": {"approve"}, "note": {"任职文件已核对"}}, 200)
	p.Wants("已同意", "任职文件已核对")
	k.Post(address+"/review", url.Values{"verdict": {"approve"}}, 409)
	s, err := k.org.StaffByLogin(t.Context(), "newone")
	if err != nil || s.Disabled {
		t.Fatalf("%+v, %v", s, err)
	}
	p = k.Get("/admin/staff/"+s.ID, 200)
	p.Wants("秦守拙", "柏鹭", "2026-03-02 至 2026-12-31", "在岗")
	if n := dbtest.Count(t, k.d, "audit_entry", "act = 'read' AND object = $1 AND actor = 'staff:second'", "staff:"+s.ID); n == 0 {
		t.Error("the look at the account is not on record")
	}
	contains(t, k.Get("/admin/proposals?show=done", 200), "main table", "买买提·艾力")
}

func TestWithdrawingInPages(t *testing.T) {
	k := open(t)
	k.Lang = "zh-CN"
	k.as(authz.Security)
	p := k.Get("/admin/staff/lu-zheng", 200).Follow("紧急收回权限")
	p = p.Submit("form[action$='/withdraw']", url.Values{"reason": {"账号异常"}}, 200)
	contains(t, p, "[data-status]", "权限已收回")
	contains(t, k.Get("/admin/staff", 200), "main table", "已停用")
	address := p.URL.Path
	k.second()
	k.Get(address, 200).Wants("已生效，等待复核", "恢复权限")
	k.Post(address+"/review", url.Values{"verdict": {"refuse"}, "note": {"误报"}}, 200)
	if st, _ := k.org.Staff(t.Context(), "lu-zheng"); st.Disabled {
		t.Error("not given back")
	}
	k.as(authz.Security)
	k.Post("/admin/staff/guard/withdraw", url.Values{"reason": {"x"}}, 403)
	k.Get("/admin/staff/lu-zheng/promote", 404)
	k.Get("/admin/staff/nobody", 404)
	k.Get("/admin/proposals/nothing", 404)
	k.Post(address+"/review", url.Values{"verdict": {"maybe"}}, 400)
}

func TestAWidenedPostWaitsForReview(t *testing.T) {
	k := open(t)
	k.Lang = "zh-CN"
	k.as(authz.Admin)
	form := url.Values{"_v": {"1"}, "name": {"决定岗"}, "acts": {"decide", "accept"}, "items": {"food-licence-new"}, "roles": {"officer"}}
	p := k.Post("/admin/posts/market-decide", form, 200)
	contains(t, p, ".notice", "已提交审核")
	if o, _ := k.org.Post(t.Context(), "market-decide"); len(o.Acts) != 1 {
		t.Error("it took effect")
	}
	k.as(authz.Security)
	p = k.Get("/admin/proposals", 200).Follow("扩大岗位职权")
	contains(t, p, "table.diff", "受理")
	p.Submit("form[action$='/review']", url.Values{"verdict": {"approve"}}, 200)
	if o, _ := k.org.Post(t.Context(), "market-decide"); len(o.Acts) != 2 {
		t.Error("approved, and no effect")
	}
}

const sheet = "登录名,姓名,手机号,机构标识,岗位标识,开始日期,截止日期\n"

func TestATableIsImportedThroughPages(t *testing.T) {
	k := open(t)
	k.Lang = "zh-CN"
	k.as(authz.Security)
	contains(t, k.Upload("/admin/imports", nil, "other", "x.csv", []byte("x"), 422), ".error-summary", "请先选择表格文件")
	contains(t, k.Upload("/admin/imports", nil, "table", "x.csv", []byte("登录名\nx\n"), 422), ".error-summary", "缺少这些列")
	p := k.Upload("/admin/imports", nil, "table", "x.csv", []byte(sheet+"imp.one,苏晴,123,market,market-decide,,\n"), 200)
	contains(t, p, "main table", "手机号")
	if p.Find("form[action$='/propose']").Length() != 0 {
		t.Error("a table with problems can be proposed")
	}
	p = k.Upload("/admin/imports", nil, "table", "x.csv", []byte(sheet+"imp.one,苏晴,19911110001,market,market-decide,,\nimp.two,冯砺,19911110002,market,market-decide,2026-04-01,\n"), 200)
	contains(t, p, ".kpis", "2")
	back := p.URL.Path
	contains(t, p.Submit("form[action$='/propose']", nil, 422), ".error-summary", "请写明事由")
	p = k.Get(back, 200).Submit("form[action$='/propose']", url.Values{"reason": {"新设窗口"}}, 200)
	address := p.URL.Path
	k.second()
	k.Get(address, 200).Follow("查看表格").Wants("没有发现问题")
	k.Post(address+"/review", url.Values{"verdict": {"approve"}}, 200)
	k.Get(back, 200).Wants("正在写入")
	r := job.NewRunner(k.d, func() time.Time { return k.now }, slog.New(slog.DiscardHandler))
	for kind, w := range k.org.Workers() {
		r.Handle(kind, w)
	}
	if _, err := r.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.Get(back, 200).Wants("已完成：共 2 行，写入 2 行")
	if _, err := k.org.StaffByLogin(t.Context(), "imp.two"); err != nil {
		t.Error(err)
	}
}

func TestTablesToTakeAway(t *testing.T) {
	k := open(t)
	k.as(authz.Security)
	for path, want := range map[string]string{
		"/admin/table/template.csv": "岗位标识", "/admin/table/staff.csv": "luzheng", "/admin/table/template.xlsx": "PK", "/admin/table/staff.xlsx?agency=market": "PK",
	} {
		p := k.Get(path, 200)
		if !bytes.Contains(p.Raw, []byte(want)) || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %q", path, p.Header)
		}
	}
	if rows, err := org.ReadTable(k.Get("/admin/table/staff.xlsx", 200).Raw); err != nil || len(rows) != 5 {
		t.Errorf("the exported table: %d rows, %v", len(rows), err)
	}
	if n := dbtest.Count(t, k.d, "audit_entry", "via = 'export' AND act = 'read'"); n != 3 {
		t.Errorf("%d exports on record", n)
	}
	k.Get("/admin/table/other.csv", 404)
	k.Get("/admin/table/staff.exe", 404)
	k.as(authz.Admin)
	k.Get("/admin/table/staff.csv", 403)
}

func TestStandingInThroughPages(t *testing.T) {
	k := open(t)
	k.Lang = "zh-CN"
	k.as(authz.Security)
	p := k.Get("/admin/staff/zhou-min/substitute", 200)
	p.Wants("代 陆正言：决定岗")
	form := url.Values{"posts": {"lu-zheng/market-decide"}, "until.y": {"2026"}, "until.m": {"3"}, "until.d": {"9"}, "reason": {"陆正言出差"}}
	p = k.Post("/admin/staff/zhou-min/substitute", form, 200)
	contains(t, p, "table.diff", "代 陆正言")
	address := p.URL.Path
	k.second()
	k.Post(address+"/review", url.Values{"verdict": {"approve"}}, 200)
	k.Get("/admin/staff/lu-zheng", 200).Wants("周敏（区市场监管局） 代理“决定岗”")
	k.Get("/admin/staff/zhou-min", 200).Wants("代 陆正言（区市场监管局）：决定岗")
}
