package orgweb_test

import (
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
	k.Post("/admin/agencies/market", agency, 200)
	contains(t, k.Get("/admin/agencies", 200), "table", "到 2026-12-01 停用")
	_, again := k.Get("/admin/agencies/market", 200).Form("section form[action='/admin/agencies/market']")
	if got := again.Get("valid_to.y") + "-" + again.Get("valid_to.m"); got != "2026-12" {
		t.Errorf("the last day is not shown again: %s", got)
	}
}
