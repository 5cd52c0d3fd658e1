package search_test

import (
	"fmt"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/catalog/search"
)

// siblings are items of few matters that differ by what is done, and for whom.
func siblings(t testing.TB, d *db.DB, s *search.Service) {
	t.Helper()
	rows := []row{
		named("pension", "企业职工基本养老保险关系转移接续申请", "510104"), named("soldier", "军人退役养老保险关系转移接续申请", "510104"),
		named("aid", "对公民法律援助申请的审批", "510104"), named("lawyer", "法律援助补贴发放", "510104"),
		named("clinic", "诊所执业审批（新办）", "510104"), named("herbs", "中医诊所备案", "510104"), named("renamed", "诊所执业变更", "510104"),
		named("register", "户口变更", "510104"), named("cable", "桥梁上架设电缆审批", "510104"), named("river", "河道采砂许可", "510104"),
		named("tobacco", "烟草专卖零售许可证变更", "510104"), named("rope", "索道缆车安全检验", "510104"),
	}
	for i := range 40 {
		rows = append(rows, named(fmt.Sprintf("change-%d", i), fmt.Sprintf("第%d类企业变更登记", i), "510104"))
	}
	write(t, d, s, rows...)
}

func TestWhatIsMeantComesFirst(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		siblings(t, d, s)
		for _, c := range []struct{ text, first, why string }{
			{"养老保险关系转移", "pension", "who names no special case means the general item"},
			{"退役军人养老保险关系转移", "soldier", "the special case was named"},
			{"打官司没钱请律师", "aid", "money for others was not asked for"},
			{"法律援助的补贴", "lawyer", "money was asked for"},
			{"想开诊所", "clinic", "something is to begin, and Chinese medicine was not said"},
			{"诊所想换个名字", "renamed", "a step without a matter steps aside"},
			{"我想换个名字", "register", "alone it is the matter"},
			{"烟草证改名", "tobacco", "the one word that means it outweighs the many changes"},
			{"光缆挂在桥上", "cable", "a word near the one of the name"},
			{"滑索", "rope", "a word that no name holds counts by its characters"},
		} {
			r := find(t, s, search.Query{Text: c.text, Region: "510104"})
			if len(r.Hits) == 0 || r.Hits[0].Key != c.first {
				t.Errorf("%s: %v, want %s first: %s", c.text, keysOf(r), c.first, c.why)
			}
		}
		if r := find(t, s, search.Query{Text: "滑索"}); !r.Nearest && !r.Loose {
			t.Errorf("characters alone are presented as certain: %+v", r)
		}
	})
}
