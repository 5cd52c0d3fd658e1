package catalog_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/catalog"
)

// manyRows is a list of n items: some hundred names in some thousand offices of counties, as a province's list is.
func manyRows(n int) []byte {
	var b bytes.Buffer
	b.WriteString("事项名称,实施编码,事项类型,实施主体,实施主体编码,行政区划代码,服务对象,行使层级,办件类型,法定办结时限,承诺办结时限,到办事现场次数,办理形式,咨询电话,监督投诉电话,受理条件\n")
	names := []string{"食品经营许可", "老年人优待证申领", "社会保障卡补领", "建筑工程施工许可", "出租房屋登记备案", "机动车驾驶证换证", "医疗机构执业登记", "户外广告设置许可", "民办学校设立", "取水许可"}
	steps := []string{"新办", "变更", "延续", "注销", "补证"}
	for i := range n {
		unit := i / 500
		county := 110101 + unit%3000
		fmt.Fprintf(&b, "%s（%s）%d类,11%06dMB%07dX%s%012d,%s,第%d区县政务服务局,11%06d00%07dX,%d,1；2,4,2,20个工作日,%d个工作日,%d,1、2,010-%08d,010-%08d,具有完全民事行为能力；材料齐全\n",
			names[i%10], steps[i/10%5], i%500/50, county, unit, "4", i, []string{"01", "07", "20"}[i%3], unit, county, unit%10_000_000, county, 3+i%10, i%2, unit, unit+1)
	}
	return b.Bytes()
}

func loadList(b testing.TB, d *db.DB, n int) {
	b.Helper()
	rows := manyRows(n)
	s := service(d)
	began := time.Now()
	rep, err := s.Import(b.Context(), bytes.NewReader(rows), catalog.ImportOptions{})
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	if rep.Count.Added != n {
		b.Fatalf("%+v", rep.Count)
	}
	if x, ok := b.(*testing.B); ok {
		x.ReportMetric(float64(n)/took.Seconds(), "items/s")
	}
}

// BenchmarkImport loads TONGBAN_BENCH_ITEMS items (20,000 without) into an empty catalogue with its index.
func BenchmarkImport(b *testing.B) {
	n, _ := strconv.Atoi(os.Getenv("TONGBAN_BENCH_ITEMS"))
	if n == 0 {
		n = 20_000
	}
	b.Run("sqlite", func(b *testing.B) {
		for b.Loop() {
			loadList(b, dbtest.SQLite(b, schema...), n)
		}
	})
	b.Run("postgres", func(b *testing.B) {
		for b.Loop() {
			loadList(b, dbtest.Postgres(b, schema...), n)
		}
	})
}
