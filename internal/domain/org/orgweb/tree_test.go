package orgweb_test

import (
	"strings"
	"testing"

	"tongban/internal/base/authz"
)

// TestAgenciesAndRegionsEndOnADay: the forms take a superior and a last day, and say what still hangs on what is to end.
func TestAgenciesAndRegionsEndOnADay(t *testing.T) {
	k := open(t)
	k.as(authz.Admin)
	_, region := k.Get("/admin/regions/580102", 200).Form("main form")
	region.Set("valid_to.y", "2026")
	region.Set("valid_to.m", "12")
	region.Set("valid_to.d", "31")
	contains(t, k.Post("/admin/regions/580102", region, 422), "main", "在那之后仍属于这个区划")

	_, agency := k.Get("/admin/agencies/market", 200).Form("section form[action='/admin/agencies/market']")
	agency.Set("parent", "market")
	contains(t, k.Post("/admin/agencies/market", agency, 422), "main", "就是本机构的下级")
	agency.Set("parent", "")
	agency.Set("valid_to.y", "2026")
	agency.Set("valid_to.m", "13")
	agency.Set("valid_to.d", "1")
	contains(t, k.Post("/admin/agencies/market", agency, 422), "main", "最后一日写法不对")
	agency.Set("valid_to.m", "12")
	asked := k.Post("/admin/agencies/market", agency, 422)
	contains(t, asked, "main", "在用事项 7 个、窗口 1 个、岗位 1 个、在职账号 5 个，停用后无人承接")
	contains(t, k.Get("/admin/agencies", 200), "table", "清澜市清江区市场监督管理局")
	if strings.Contains(k.Get("/admin/agencies", 200).Text("table"), "停用") {
		t.Error("it ended without an answer")
	}
	_, agency = asked.Form("form[action='/admin/agencies/market']")
	if agency.Has("ends_anyway") {
		t.Error("the yes was given for the administrator")
	}
	agency.Set("ends_anyway", "yes")
	contains(t, k.Post("/admin/agencies/market", agency, 200), "main", "本机构的最后一日是 2026-12-01，名下还有在用事项 7 个")
	contains(t, k.Get("/admin/agencies", 200), "table", "到 2026-12-01 停用")
	_, again := k.Get("/admin/agencies/market", 200).Form("section form[action='/admin/agencies/market']")
	if got := again.Get("valid_to.y") + "-" + again.Get("valid_to.m"); got != "2026-12" {
		t.Errorf("the last day is not shown again: %s", got)
	}
}
