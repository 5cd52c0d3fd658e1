package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
)

// words that stand in the names of thousands of items.
var common = []string{"登记", "证明", "许可", "申请", "备案", "审批", "变更", "注销", "许可证", "企业登记", "变更登记", "资格认定"}

// wrong are typing errors, and what nobody offers.
var wrong = []string{"营业直照", "道路远输许可", "养老保先", "食品径营许可", "火星移民", "租飞船", "qishiwu", "abcxyz"}

// typed is what stands in the field while somebody types.
var typed = []string{
	"s", "shi", "sp", "spjy", "食品", "食品j", "shipinjingying", "daolu", "dlys", "gong", "公司", "gsdj", "yanglao", "养老bx", "xuke", "x", "登记", "bian", "biangeng", "许可证", "医", "zhuxiao",
}

// asker makes questions. Question i is the same in every run on the same items.
type asker struct {
	lay, names, regions, agencies, keys []string
}

func newAsker(ctx context.Context, s *site, root string) (*asker, error) {
	a := &asker{}
	f, err := os.Open(filepath.Join(root, "e2e/questions/dev.jsonl")) //nolint:gosec // a file of the repository
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	for in.Scan() {
		var q struct {
			Q string `json:"q"`
		}
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			return nil, err
		}
		a.lay = append(a.lay, q.Q)
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	for i := range 400 {
		a.names = append(a.names, s.matters[s.draw(drawAsk, i)%uint64(len(s.matters))].name)
	}
	if a.regions, err = texts(ctx, s, `SELECT DISTINCT region FROM catalog_tally WHERE kind = 'region' ORDER BY region`); err != nil {
		return nil, err
	}
	if a.agencies, err = texts(ctx, s, `SELECT DISTINCT key FROM catalog_tally WHERE kind = 'agency' ORDER BY key LIMIT 2000`); err != nil {
		return nil, err
	}
	for i := range min(200, len(a.regions)) {
		some, err := texts(ctx, s, `SELECT key FROM catalog_item WHERE region = $1 LIMIT 20`, a.regions[s.draw(drawAsk, i, 1)%uint64(len(a.regions))])
		if err != nil {
			return nil, err
		}
		a.keys = append(a.keys, some...)
	}
	return a, nil
}

func texts(ctx context.Context, s *site, q string, args ...any) ([]string, error) {
	return db.All(ctx, s.db.R(), func(r *db.Rows) (string, error) {
		var t string
		err := r.Scan(&t)
		return t, err
	}, q, args...)
}

func pick(list []string, h uint64) string { return list[h%uint64(len(list))] }

// question makes question i of a kind.
func (a *asker) question(kind string, i int) catalog.Query {
	h := mix(uint64(i) + 99) //nolint:gosec // counts up from 0
	q := catalog.Query{}
	if h&1 == 1 {
		q.Home = pick(a.regions, h>>8)
	}
	if h>>1&3 == 1 {
		q.Who = []string{"person", "firm"}[h>>3&1]
	}
	switch kind {
	case "mixed":
		return a.question([]string{"lay", "lay", "lay", "word", "word", "word", "exact", "exact", "filter", "filter", "wrong"}[i%11], i/11+int(h>>60))
	case "lay":
		q.Text = pick(a.lay, h>>32)
	case "word":
		q.Text = pick(common, h>>32)
	case "exact":
		q.Text = pick(a.names, h>>32)
	case "wrong":
		q.Text = pick(wrong, h>>32)
	case "filter":
		q.Text = pick(append(common, a.names[:12]...), h>>32)
		a.narrow(&q, h>>4)
	case "browse":
		a.narrow(&q, h>>4)
	}
	return q
}

// narrow adds one filter, or two.
func (a *asker) narrow(q *catalog.Query, h uint64) {
	region := pick(a.regions, h>>8)
	switch h % 8 {
	case 0:
		q.Region = region
	case 1:
		q.Region = region[:4] + "00"
	case 2:
		q.Region = region[:2] + "0000"
	case 3:
		q.Type = []string{"01", "07", "10", "20"}[h>>40&3]
	case 4:
		q.Agency = pick(a.agencies, h>>16)
	case 5:
		q.Theme = "person:" + pick(item.ThemeCodes("person"), h>>40)
	case 6:
		q.Theme, q.Region = "firm:"+pick(item.ThemeCodes("firm"), h>>40), region[:2]+"0000"
	case 7:
		q.Audience, q.Region = []string{"person", "firm"}[h>>40&1], region[:4]+"00"
	}
}

// describe writes what was asked, without what was not.
func describe(q catalog.Query) string {
	var b strings.Builder
	for _, x := range [][2]string{{"", q.Text}, {"home ", q.Home}, {"who ", q.Who}, {"region ", q.Region}, {"agency ", q.Agency}, {"theme ", q.Theme}, {"audience ", q.Audience}, {"type ", q.Type}} {
		if x[1] != "" {
			b.WriteString(x[0] + x[1] + "; ")
		}
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// beginning gives what somebody has typed so far.
func (a *asker) beginning(i int) string {
	h := mix(uint64(i) + 5) //nolint:gosec // counts up from 0
	if h&1 == 0 {
		return pick(typed, h>>8)
	}
	rs := []rune(strings.Trim(pick(a.names, h>>8), "（）《》"))
	return string(rs[:min(len(rs), 1+int(h>>40&3))])
}
