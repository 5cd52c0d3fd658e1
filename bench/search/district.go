package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/search"
)

// made is an item with what the room would know of it.
type made struct {
	item.Item
	region, agencyName, code string
}

// district reads the district list; the key of an item is its local code.
func district(root string) ([]made, error) {
	f, err := os.Open(filepath.Join(root, "internal/domain/catalog/testdata/district-items.csv")) //nolint:gosec // a file of the repository
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	var out []made
	for _, c := range rows[1:] { // department, main_item, item_name, local_item_code, item_type, agency_code, region_code
		it := item.Item{Key: c[3], Name: c[2], ItemType: c[4], Agency: c[5], Unreviewed: true, Online: item.OnlineGuide}
		if c[1] != "未分类" {
			it.MainItem = c[1]
		}
		out = append(out, made{it, c[6], c[0], c[3]})
	}
	return out, nil
}

// demo reads the items of the packs that come with the program.
func demo(root string) ([]made, error) {
	files, err := filepath.Glob(filepath.Join(root, "packs/*/items/*.yaml"))
	if err != nil {
		return nil, err
	}
	var out []made
	for _, name := range files {
		b, err := os.ReadFile(name) //nolint:gosec // a file of the repository
		if err != nil {
			return nil, err
		}
		var tree map[string]any
		if err := yaml.Unmarshal(b, &tree); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		delete(tree, "check_rules")
		withoutConditions(tree)
		j, err := json.Marshal(tree)
		if err != nil {
			return nil, err
		}
		m := made{region: "580102"}
		if err := json.Unmarshal(j, &m.Item); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		m.agencyName, m.code = m.Agency, m.Key
		out = append(out, m)
	}
	return out, nil
}

// withoutConditions takes conditions out: search does not read them.
func withoutConditions(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "when")
		for _, x := range v {
			withoutConditions(x)
		}
	case []any:
		for _, x := range v {
			withoutConditions(x)
		}
	}
}

// put writes items and their index in one transaction.
func put(ctx context.Context, d *db.DB, s *search.Service, all []made) error {
	return d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var seq int64
		if err := tx.QueryRowContext(ctx, `UPDATE catalog_change SET seq = seq + 1 WHERE id = 1 RETURNING seq`).Scan(&seq); err != nil {
			return err
		}
		entries := make([]search.Entry, len(all))
		for i := range all {
			m := &all[i]
			entries[i] = search.Entry{Key: m.Key, Item: &m.Item, Agency: m.Agency, AgencyName: m.agencyName, Region: m.region}
			if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_item (key, version, pack, unreviewed, published_ms, seq, name, head, region, agency, code, item_type, online,
					audience, themes_person, themes_firm, rank, state) VALUES ($1, 1, '', $2, 0, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '1')`,
				m.Key, m.Unreviewed, seq, m.Name, search.HeadID(&m.Item), m.region, m.Agency, m.code, m.ItemType, m.Online, search.AudienceMask(m.Audience),
				search.ThemeMask("person", m.Themes.Person), search.ThemeMask("firm", m.Themes.Firm), search.Rank(&m.Item)); err != nil {
				return err
			}
		}
		_, err := s.PutTx(ctx, tx, seq, entries)
		return err
	})
}
