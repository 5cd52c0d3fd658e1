package catalog

import (
	"context"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/cnid"
)

// ImportOptions say how a list is read. Everything may be left out.
type ImportOptions struct {
	Now      func() time.Time // the service's clock when nil
	Format   string           // "csv", also when empty
	Actor    authz.Actor      // who imports; the program itself when nobody
	Progress func(done, total int)
}

// batch is how many rows one transaction takes.
const batch = 200

// Import takes a list of items as guides, marked 未复核, and says of every row what became of it. Rows that say the same as before change nothing,
// so that a list can be imported again, also after it broke off. errs.Invalid if it is no list at all; then nothing was imported.
func (s *Service) Import(ctx context.Context, r io.Reader, o ImportOptions) (Report, error) {
	if o.Now == nil {
		o.Now = s.now
	}
	if !o.Actor.Signed() {
		o.Actor = authz.System
	}
	if o.Format != "" && o.Format != "csv" {
		return Report{}, errs.New(errs.Invalid, "catalog.import_format", errs.P{"format": o.Format})
	}
	l, err := readList(r)
	if err != nil {
		return Report{}, err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return Report{}, err
	}
	im := &importing{list: l, agencies: directory(n.agencies), region: func(code string) bool { return s.org.HasKey(ctx, "region", code) }, catalog: n}
	rows := im.judge()
	for from := 0; from < len(rows); from += batch {
		part := rows[from:min(from+batch, len(rows))]
		if err := s.importBatch(ctx, o, part, from == 0); err != nil {
			return report(l, rows[:from]), err // what was committed stands
		}
		if o.Progress != nil {
			o.Progress(from+len(part), len(rows))
		}
	}
	rep := report(l, rows)
	rep.ID = ident.New()
	return rep, s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return saveReport(ctx, tx, o.Now(), o.Actor.Name(), rep) })
}

// importBatch writes some rows in one transaction. It may run more than once: outcomes are set anew each time.
func (s *Service) importBatch(ctx context.Context, o ImportOptions, rows []*judged, first bool) error {
	now := o.Now()
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		seq := once(func() (int64, error) { return nextSeq(ctx, tx) })
		for _, r := range rows {
			if r.rejected {
				continue
			}
			r.status = Unchanged
			c, err := currentOf(ctx, tx, r.item.Key)
			if err != nil {
				return err
			}
			version, changed, err := put(ctx, tx, now, publishing{item: r.item, unreviewed: true}, seq)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			if r.status = Added; c.version > 0 {
				r.status = Changed
			}
			if err := event.Publish(ctx, tx, now, Published{Item: r.item.Key, Version: version}); err != nil {
				return err
			}
		}
		if !first {
			return nil
		}
		return audit.Tx(ctx, tx, now, audit.Entry{Actor: o.Actor.Name(), Act: "catalog.import", Object: "catalog:items", Via: via(o.Actor), Agency: o.Actor.AgencyID})
	})
}

func via(a authz.Actor) string {
	if a.Via == "" {
		return "command"
	}
	return a.Via
}

// judged is a row with the item it makes.
type judged struct {
	row      int
	item     Item
	status   string
	rejected bool
	findings []RowFinding
}

func (j *judged) find(column, value, key string, p ...errs.P) {
	f := RowFinding{Column: column, Value: value, Key: key}
	if len(p) > 0 {
		f.params = p[0]
	}
	j.findings = append(j.findings, f)
}

func (j *judged) reject(column, value, key string, p ...errs.P) {
	j.rejected, j.status = true, Rejected
	j.find(column, value, key, p...)
}

// importing judges the rows of one list before anything is written.
type importing struct {
	list     *list
	agencies agencyIndex
	region   func(code string) bool
	catalog  *snapshot
}

func (im *importing) judge() []*judged {
	out := make([]*judged, 0, len(im.list.rows))
	for _, r := range im.list.rows {
		out = append(out, im.one(r))
	}
	repeats(out)
	similar(out)
	for _, j := range out {
		im.store(j)
	}
	return out
}

// one judges a row for itself.
func (im *importing) one(r row) *judged {
	j := &judged{row: r.number}
	if r.broken != "" {
		j.reject("", r.fields[0], r.broken)
		return j
	}
	get := func(c string) string { return im.list.get(r, c) }
	if get("item_name") == "" {
		j.reject("item_name", "", "catalog.import_no_name")
		return j
	}
	if len(r.fields) != r.width {
		j.find("", "", "catalog.import_width", errs.P{"n": len(r.fields), "want": r.width})
	}
	if slices.ContainsFunc(r.fields, func(s string) bool { return strings.ContainsRune(s, 0) }) {
		j.find("", "", "catalog.import_control")
	}
	j.item = Item{Name: get("item_name"), MainItem: get("main_item"), Online: OnlineGuide, Imported: &Imported{
		Department: get("department"),
		LocalCode:  get("local_item_code"), AgencyCode: get("agency_code"), RegionCode: get("region_code"), ItemType: get("item_type"),
	}}
	im.itemType(j)
	im.code(j)
	im.agency(j)
	im.place(j)
	if m := j.item.MainItem; m == "未分类" || m == "" {
		j.find("main_item", m, "catalog.import_unclassified")
	}
	return j
}

// itemType maps 1 to 01 (older lists) and keeps what is in no list out of the filters.
func (im *importing) itemType(j *judged) {
	t := j.item.Imported.ItemType
	code := t
	if len(t) == 1 {
		code = "0" + t
	}
	switch {
	case !slices.Contains(item.Lists["type"], code):
		j.find("item_type", t, "catalog.import_type")
		return
	case code != t:
		j.find("item_type", t, "catalog.import_type_mapped", errs.P{"code": code})
	}
	j.item.ItemType = code
	if !slices.Contains(item.Applied, code) {
		j.find("item_type", t, "catalog.import_type_not_applied")
	}
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// code makes the item's key of its local code, or without one of what names it.
func (im *importing) code(j *judged) {
	code := j.item.Imported.LocalCode
	j.item.Key = strings.Trim(notSlug.ReplaceAllString(strings.ToLower(code), "-"), "-")
	switch {
	case j.item.Key == "" || len(j.item.Key) > 80:
		j.item.Key = "list-" + shortHash(j.item.Imported.Department, j.item.Name, code)
		if code == "" {
			j.find("local_item_code", code, "catalog.import_no_code")
		}
	case cnid.CheckItemCode(strings.ToUpper(code)) != nil:
		j.find("local_item_code", "", "catalog.import_local_code")
	}
}

func shortHash(parts ...string) string { return digest([]byte(strings.Join(parts, "\x00")))[:12] }

func (im *importing) agency(j *judged) {
	code := j.item.Imported.AgencyCode
	plain := strings.ToUpper(strings.ReplaceAll(code, "-", ""))
	known := im.agencies.code[plain] != nil
	_, err := cnid.ParseCreditCode(code)
	switch {
	case code == "":
		j.find("agency_code", code, "catalog.import_no_agency")
	case len(plain) == 9 && !known:
		j.find("agency_code", code, "catalog.import_agency_old")
	case errs.Is(err, "cnid.credit_check"):
		j.find("agency_code", code, "catalog.import_agency_check")
	case err != nil && !known:
		j.find("agency_code", code, "catalog.import_agency_shape", errs.P{"length": len([]rune(code))})
	case !known:
		j.find("agency_code", code, "catalog.import_agency_unknown")
	}
}

func (im *importing) place(j *judged) {
	code := j.item.Imported.RegionCode
	switch {
	case code == "":
		j.find("region_code", code, "catalog.import_no_region")
	case !im.region(code) && !im.region(sixDigits(code)):
		j.find("region_code", code, "catalog.import_region")
	}
}

// sixDigits turns the twelve digits of a county (511602000000) into its six (511602).
func sixDigits(code string) string {
	if len(code) == 12 && code[6:] == "000000" {
		return code[:6]
	}
	return code
}

// store finds what the catalog already holds, and keeps the findings with the item.
func (im *importing) store(j *judged) {
	if j.rejected {
		return
	}
	if have := im.catalog.items[j.item.Key]; have != nil && have.Pack != "" {
		j.reject("local_item_code", j.item.Imported.LocalCode, "catalog.other_pack", errs.P{"key": j.item.Key, "pack": have.Pack})
		return
	}
	for _, f := range j.findings {
		params := map[string]string{"value": f.Value}
		for k, v := range f.params {
			params[k] = text(v)
		}
		j.item.Imported.Findings = append(j.item.Imported.Findings, Finding{Column: f.Column, Key: f.Key, Params: params})
	}
}
