package search

import (
	"context"
	"strconv"
	"strings"

	"tongban/internal/base/db"
)

// conditions builds the WHERE of catalog_item, whose rows package catalog writes.
type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) add(part string, args ...any) {
	for _, a := range args {
		c.args = append(c.args, a)
		part = strings.Replace(part, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.parts = append(c.parts, part)
}

func (c *conditions) text() string {
	if len(c.parts) == 0 {
		return "1 = 1"
	}
	return strings.Join(c.parts, " AND ")
}

func (c *conditions) region(code string) {
	if stem := Stem(code); stem != "" {
		c.add("i.region >= ? AND i.region < ?", stem, stem+"~")
	}
}

func (c *conditions) agency(key string) {
	if key != "" {
		c.add("i.agency = ?", key)
	}
}

// filter adds all a filter asks for.
func (c *conditions) filter(f Filter) {
	c.region(f.Region)
	c.agency(f.Agency)
	state := f.State
	if state == "" {
		state = "1"
	}
	c.add("i.state = ?", state)
	if f.Type != "" {
		c.add("i.item_type = ?", f.Type)
	}
	if f.Online != "" {
		c.add("i.online = ?", f.Online)
	}
	if f.Audience != "" {
		c.add("i.audience & ? <> 0", audienceBits(f.Audience))
	}
	if f.Theme != "" {
		column, bit := f.theme()
		c.add("i."+column+" & ? <> 0", bit)
	}
	if f.Unreviewed {
		c.add("i.unreviewed")
	}
}

// bearing gives which of the heads have an item that a filter lets through.
func bearing(ctx context.Context, q db.Q, heads []int64, f Filter) (map[int64]bool, error) {
	c := conditions{}
	c.filter(f)
	out := make(map[int64]bool, len(heads))
	_, err := db.All(ctx, q, func(r *db.Rows) (struct{}, error) {
		var id int64
		err := r.Scan(&id)
		out[id] = true
		return struct{}{}, err
	}, `SELECT u.head FROM catalog_head_use u WHERE u.head IN (`+ints(heads)+`) AND EXISTS (SELECT 1 FROM catalog_item i WHERE i.head = u.head AND `+c.text()+`)`, c.args...)
	return out, err
}

// nearest gives for each head the item of the agency nearest to a region that a filter lets through.
func nearest(ctx context.Context, q db.Q, heads []int64, region string, f Filter) (map[int64]string, error) {
	out := make(map[int64]string, len(heads))
	if len(heads) == 0 {
		return out, nil
	}
	if f.Agency != "" {
		return out, ofAgency(ctx, q, heads, f, out)
	}
	return out, around(ctx, q, heads, Stem(region), f, out)
}

// ofAgency takes the items of one agency.
func ofAgency(ctx context.Context, q db.Q, heads []int64, f Filter, out map[int64]string) error {
	c := conditions{}
	c.filter(f)
	_, err := db.All(ctx, q, func(r *db.Rows) (struct{}, error) {
		var id int64
		var key string
		err := r.Scan(&id, &key)
		if out[id] == "" {
			out[id] = key
		}
		return struct{}{}, err
	}, `SELECT i.head, i.key FROM catalog_item i WHERE i.head IN (`+ints(heads)+`) AND `+c.text()+` ORDER BY i.key`, c.args...)
	return err
}

// around looks for each head in the person's own county, at the authorities of its city, province and country, in the city, in the province, anywhere, and
// takes the first it meets. Every look is one step down the index (head, region), however many agencies offer the same.
func around(ctx context.Context, q db.Q, heads []int64, stem string, f Filter, out map[int64]string) error {
	c := conditions{}
	c.filter(f)
	base := c.text()
	look := func(where string, args ...any) string {
		more := ""
		if where != "" {
			c.parts = nil
			c.add(where, args...)
			more = " AND " + c.text()
		}
		return `(SELECT i.key FROM catalog_item i WHERE i.head = u.head AND ` + base + more + ` ORDER BY i.region, i.key LIMIT 1)`
	}
	const below = "i.region >= ? AND i.region < ?"
	var looks []string
	if len(stem) >= 4 {
		looks = append(looks, look(below, stem, stem+"~"))
	}
	city, province := chain(stem)
	for _, codes := range [][]string{city, province} {
		if stem != "" && len(codes) > 0 {
			looks = append(looks, look("i.region IN (?"+strings.Repeat(",?", len(codes)-1)+")", db.Args(codes)...))
		}
	}
	for _, n := range []int{4, 2} {
		if len(stem) >= n {
			looks = append(looks, look(below, stem[:n], stem[:n]+"~"))
		}
	}
	looks = append(looks, look(""), "''")
	_, err := db.All(ctx, q, func(r *db.Rows) (struct{}, error) {
		var id int64
		var key string
		err := r.Scan(&id, &key)
		out[id] = key
		return struct{}{}, err
	}, `SELECT u.head, COALESCE(`+strings.Join(looks, ", ")+`) FROM catalog_head_use u WHERE u.head IN (`+ints(heads)+`)`, c.args...)
	return err
}

// byCode gives items whose code, or key, is a text or begins with it.
func byCode(ctx context.Context, q db.Q, code string, f Filter, limit int) ([]coded, error) {
	f.Agency = strings.TrimSpace(f.Agency)
	c := conditions{}
	c.filter(f)
	upper := strings.ToUpper(code)
	short := upper
	if len(short) == 33 {
		short = short[:31] // 业务办理项编码 is 实施编码 with a serial
	}
	c.add("(i.key = ? OR i.code = ? OR i.code = ? OR i.code >= ? AND i.code < ?)", code, upper, short, upper, upper+"~")
	c.args = append(c.args, limit)
	return db.All(ctx, q, func(r *db.Rows) (coded, error) {
		var x coded
		err := r.Scan(&x.key, &x.head, &x.code)
		return x, err
	}, `SELECT i.key, i.head, i.code FROM catalog_item i WHERE `+c.text()+` ORDER BY i.code, i.key LIMIT $`+strconv.Itoa(len(c.args)), c.args...)
}

type coded struct {
	key, code string
	head      int64
}
