package main

import (
	"context"
	"fmt"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/search"
)

// generator makes items of base items and agencies: every county offers every base item, under a name its city chose among the variants of the base.
// Item i is the same in every run.
type generator struct {
	bases    []made
	variants int // names of a base
	counties int // of a city, all of which use the same names
}

// tails are what authorities add to the name of a base item.
var tails = []string{"", "（县级）", "（市级权限）", "审批", "办理", "服务", "（告知承诺）", "（网上办理）", "事项", "（含变更）", "（个人）", "（企业）", "（首次）", "（委托办理）"}

func newGenerator(root string, heads, counties int) (*generator, error) {
	bases, err := district(root)
	if err != nil {
		return nil, err
	}
	return &generator{bases: bases, variants: max(1, heads/len(bases)), counties: counties}, nil
}

const citiesOfProvince = 12

// item makes item i.
func (g *generator) item(i int) made {
	county, base := i/len(g.bases), g.bases[i%len(g.bases)]
	city := county / g.counties
	region := fmt.Sprintf("%02d%02d%02d", 11+city/citiesOfProvince%70, 1+city%citiesOfProvince, 1+county%g.counties)
	it := base.Item
	it.Key = fmt.Sprintf("g%d", i)
	it.Agency = region + "-" + it.Agency[max(0, len(it.Agency)-6):]
	if v := (city*31 + i%len(g.bases)*7) % g.variants; v > 0 {
		a, b := v%len(tails), v/len(tails)
		it.Name += tails[a]
		if b > 0 {
			it.Name += tails[b%len(tails)] + fmt.Sprintf("（%d类）", b)
		}
	}
	it.Audience = []string{[]string{"1", "2"}[i%2]}
	it.Summary = "由" + base.agencyName + "办理" + base.Name + "，办理时请携带居民身份证原件、申请表和近期免冠照片。"
	it.Materials = []item.Material{{Key: "id", Name: "居民身份证"}, {Key: "form", Name: it.Name + "申请表"}}
	return made{it, region, base.agencyName, fmt.Sprintf("%s%09d", region, i)}
}

var columns = []string{
	"key", "version", "pack", "unreviewed", "published_ms", "seq", "name", "head", "region", "agency", "code", "item_type", "online", "audience",
	"themes_person", "themes_firm", "rank", "state",
}

func (m *made) values(seq int64) []any {
	return []any{
		m.Key, 1, "", m.Unreviewed, int64(0), seq, m.Name, search.HeadID(&m.Item), m.region, m.Agency, m.code, m.ItemType, m.Online, search.AudienceMask(m.Audience),
		search.ThemeMask("person", m.Themes.Person), search.ThemeMask("firm", m.Themes.Firm), search.Rank(&m.Item), "1",
	}
}

// load writes items from..to in batches, as an import does.
func (g *generator) load(ctx context.Context, d *db.DB, s *search.Service, from, to int) error {
	const batch = 5000
	for ; from < to; from += batch {
		all := make([]made, min(batch, to-from))
		entries := make([]search.Entry, len(all))
		for i := range all {
			all[i] = g.item(from + i)
			m := &all[i]
			entries[i] = search.Entry{Key: m.Key, Item: &m.Item, Agency: m.Agency, AgencyName: m.agencyName, Region: m.region}
		}
		err := d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
			var seq int64
			if err := tx.QueryRowContext(ctx, `UPDATE catalog_change SET seq = seq + 1 WHERE id = 1 RETURNING seq`).Scan(&seq); err != nil {
				return err
			}
			if err := insertRows(ctx, tx, all, seq); err != nil {
				return err
			}
			_, err := s.PutTx(ctx, tx, seq, entries)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func insertRows(ctx context.Context, tx *db.Tx, all []made, seq int64) error {
	if tx.Dialect() == db.Postgres {
		return tx.Copy(ctx, "catalog_item", columns, len(all), func(i int) ([]any, error) { return all[i].values(seq), nil })
	}
	row := "(" + strings.Repeat("?,", len(columns)-1) + "?)"
	for len(all) > 0 {
		n := min(len(all), 500)
		args := make([]any, 0, n*len(columns))
		for i := range n {
			args = append(args, all[i].values(seq)...)
		}
		query := "INSERT INTO catalog_item (" + strings.Join(columns, ", ") + ") VALUES " + strings.Repeat(row+",", n-1) + row
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}
