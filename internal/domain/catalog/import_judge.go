package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"regexp"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
)

// judged is a row with the item it makes.
type judged struct {
	row        int
	sheet      string
	item       Item
	own        bool // a list of ours: the item came with its key
	code       string
	codeColumn string
	content    uint64
	status     string
	rejected   bool
	findings   []RowFinding
	doc, hash  string
	whole      Item   // with what follows from the agency
	line0      line   // as a first version
	now        line   // as it is written
	taken      string // the pack that has the key
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

// line is the row in the report.
func (j *judged) line(findings bool) RowReport {
	l := RowReport{Row: j.row, Sheet: j.sheet, Status: j.status, Name: j.item.Name, Code: j.code, Type: j.item.ItemType}
	if im := j.item.Imported; im != nil {
		l.Agency = im.Department
	}
	if !j.rejected {
		l.Item = j.item.Key
	}
	if findings {
		l.Findings = slices.Clone(j.findings)
		for i := range l.Findings {
			l.Findings[i].words()
		}
	}
	return l
}

// judge is what rows are judged by. It is asked by several goroutines.
type judge struct {
	agencies agencyIndex
	called   officeNames
	columns  list.Columns
	codes    *list.Codes
	region   func(code string) (known, retired bool)
	facts    rule.Facts
	seed     maphash.Seed
	phrases  phrases
}

func (s *Service) judge(ctx context.Context, find agencyIndex, r *list.Reader, seed maphash.Seed) *judge {
	return &judge{agencies: find, called: namesOf(find), columns: r.Columns(), codes: r.Codes, region: s.regionFacts(ctx), facts: s.RuleFacts(ctx).Within(r.Given()), seed: seed}
}

// regions is asked of Org, where it can tell, which regions exist no more.
type regions interface {
	Region(ctx context.Context, code string) (org.Region, error)
}

func (s *Service) regionFacts(ctx context.Context) func(string) (known, retired bool) {
	ask := func(code string) (bool, bool) { return s.org.HasKey(ctx, "region", code), false }
	if o, ok := s.org.(regions); ok {
		today := s.now().In(clock.Shanghai).Format(time.DateOnly)
		ask = func(code string) (bool, bool) {
			r, err := o.Region(ctx, code)
			return err == nil, r.Retired(today)
		}
	}
	return func(code string) (known, retired bool) {
		if known, retired = ask(code); known {
			return known, retired
		}
		return ask(sixDigits(code))
	}
}

// one judges a row for itself.
func (im *judge) one(j *judged, x list.Record, raw list.Raw) {
	*j = judged{row: x.Row, sheet: x.Sheet, item: x.Item, own: x.Own, content: contentOf(im.seed, raw), findings: j.findings[:0]}
	for _, f := range x.Findings {
		r := RowFinding{Column: noNUL(f.Column), Value: noNUL(f.Value), Key: f.Key, params: f.Params}
		if f.Sheet != x.Sheet || f.Row != x.Row {
			r.Sheet, r.Row = f.Sheet, f.Row
		}
		j.findings = append(j.findings, r)
	}
	if x.Broken {
		j.rejected, j.status = true, Rejected
		return
	}
	if x.Own && x.Item.Key != "" {
		im.ours(j)
	} else {
		j.own = false
		im.foreign(j, x.Facts)
	}
	if full(&j.item) {
		im.rules(j)
	}
}

// contentOf is the same for rows that say the same.
func contentOf(seed maphash.Seed, raw list.Raw) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	raw.Each(func(cell string) {
		_, _ = h.WriteString(cell)
		_ = h.WriteByte(0)
	})
	return h.Sum64()
}

// ours judges an item that was exported: it stays what it is, but what no list can bring along is left behind.
func (im *judge) ours(j *judged) {
	it := &j.item
	j.code, j.codeColumn = it.Key, "key"
	if !keyShape.MatchString(it.Key) {
		j.reject("key", it.Key, "list.key_shape")
		return
	}
	if it.Online == OnlineFull || it.Form != "" || it.Flow != "" {
		j.find("online", it.Online, "list.guide_only")
		it.Form, it.Flow, it.Papers = "", "", nil
		if it.Online == OnlineFull {
			it.Online = OnlineGuide
		}
	}
	if it.Imported != nil {
		it.Imported.Findings = nil
	}
}

var keyShape = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9._-]{0,158}[a-z0-9])?$`)

// foreign judges a row of another house's list.
func (im *judge) foreign(j *judged, f list.Facts) {
	it := &j.item
	if it.Online == "" || it.Online == OnlineFull {
		it.Online = OnlineGuide
	}
	it.Imported = &Imported{Department: f.Department, LocalCode: f.LocalCode, AgencyCode: f.AgencyCode, RegionCode: f.RegionCode, ItemType: f.ItemType}
	if f.VariantCode != "" {
		it.Imported.LocalCode = f.VariantCode
	}
	im.itemType(j)
	im.code(j)
	if f.VariantCode != "" {
		j.codeColumn = "variant_code"
	}
	im.agency(j)
	im.makeCode(j)
	im.place(j)
	switch {
	case it.MainItem == "未分类":
		j.find("main_item", it.MainItem, "catalog.import_unclassified")
	case it.MainItem == "" && !full(it):
		j.find("main_item", "", "list.no_main_item")
	}
}

// full reports whether a list says more of an item than what it is called and whose it is: only then there is something to check.
func full(it *Item) bool {
	return len(it.Audience) > 0 || len(it.Materials) > 0 || it.Limits != (Limits{}) || len(it.Channels) > 0 || it.CaseKind != ""
}

// itemType maps 1 to 01 (older lists) and keeps what is in no list out of the filters.
func (im *judge) itemType(j *judged) {
	t := j.item.Imported.ItemType
	code, known := im.codes.Take("type", t)
	if !known {
		code, known = item.CodeOf("type", t)
	}
	if len(t) == 1 {
		code, known = "0"+t, slices.Contains(item.Lists["type"], "0"+t)
	}
	if c, _, named := strings.Cut(t, " "); !known && named && slices.Contains(item.Lists["type"], c) {
		code, known = c, true
	}
	switch {
	case !known:
		j.find("item_type", t, "catalog.import_type")
		return
	case code != t && !names(code, t):
		j.find("item_type", t, "catalog.import_type_mapped", errs.P{"code": code})
	}
	j.item.ItemType = code
	if !slices.Contains(item.Applied, code) {
		j.find("item_type", t, "catalog.import_type_not_applied")
	}
}

// names reports whether a list writes a type by its name, alone or behind its code: that is no old spelling.
func names(code, written string) bool {
	if c, name, both := strings.Cut(written, " "); both && c == code {
		written = name
	}
	return written == item.CodeName(i18n.Chinese, "type", code) || written == item.CodeName(i18n.English, "type", code) || written == code
}

// slug is a code as a key: small letters and digits, with one hyphen for whatever stands between them.
func slug(code string) string {
	b := make([]byte, 0, len(code))
	gap := false
	for _, r := range strings.ToLower(code) {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			gap = true
			continue
		}
		if gap && len(b) > 0 {
			b = append(b, '-')
		}
		gap = false
		b = append(b, byte(r)) //nolint:gosec // of ASCII
	}
	return string(b)
}

// code makes the item's key of its code, or without one of what names it.
func (im *judge) code(j *judged) {
	code := j.item.Imported.LocalCode
	j.code, j.codeColumn = code, "local_item_code"
	j.item.Key = slug(code)
	switch {
	case j.item.Key == "" || len(j.item.Key) > 80:
		j.item.Key = "list-" + shortHash(j.item.Imported.Department, j.item.Name, code)
	case cnid.CheckItemCode(strings.ToUpper(code)) != nil:
		j.find("local_item_code", "", "catalog.import_local_code")
	}
}

// makeCode generates what a list leaves out: the implementing code, and with a serial number the variant's, where agency, level and directory code are known
// (GB/T 39046). The key stays what it is, so that the list can be imported again.
func (im *judge) makeCode(j *judged) {
	it := &j.item
	if it.Imported.LocalCode != "" {
		return
	}
	code, err := cnid.ImplementCode(it.Imported.AgencyCode, it.UseLevel, it.BaseCode)
	if err != nil {
		j.find("local_item_code", "", "catalog.import_no_code")
		return
	}
	if v, err := cnid.VariantCode(code, it.Serial); err == nil {
		code = v // of what is applied for, as a list's own 业务办理项编码 would stand here
	}
	it.Imported.LocalCode = code
	j.find("local_item_code", code, "list.code_made", errs.P{"code": code})
}

func shortHash(parts ...string) string { return digest([]byte(strings.Join(parts, "\x00")))[:12] }

func (im *judge) agency(j *judged) {
	code := j.item.Imported.AgencyCode
	plain := strings.ToUpper(strings.ReplaceAll(code, "-", ""))
	known := im.agencies.code[plain] != nil
	_, err := cnid.ParseCreditCode(code)
	if !known && err != nil { // no code, or none that means anybody
		if a := im.called.find(j.item.Imported.Department, j.item.Imported.RegionCode); a != nil {
			if j.item.Imported.AgencyCode = a.Code; code != "" {
				j.find("agency_code", code, "list.agency_by_name", errs.P{"name": a.Name, "code": a.Code})
			}
			return
		}
	}
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

func (im *judge) place(j *judged) {
	code := j.item.Imported.RegionCode
	a := im.agencies.byCode(j.item.Imported.AgencyCode)
	if code == "" && a != nil {
		j.item.Imported.RegionCode = a.Region // exchange tables have no column for it: it follows from the agency
		return
	}
	known, retired := false, false
	if code != "" {
		known, retired = im.region(code)
	}
	switch {
	case code == "":
		j.find("region_code", code, "catalog.import_no_region")
	case retired:
		j.find("region_code", code, "list.region_retired")
	case !known:
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

// maxRuled is how many findings of the rules one item keeps.
const maxRuled = 12

// rules attaches what the checks of the office say, without advice; none of it keeps a row out of the catalogue, for a list becomes guides nobody has looked at.
func (im *judge) rules(j *judged) {
	j.whole = j.item
	im.agencies.complete(&j.whole)
	said := j.findings
	kept := 0
	for _, f := range rule.Check(im.facts, &j.whole) {
		if kept == maxRuled {
			return
		}
		if im.toldOf(said, f) {
			continue
		}
		j.findings = append(j.findings, RowFinding{Column: f.Element, Key: f.Key(), params: f.Params, forbids: f.Level == rule.Block})
		kept++
	}
}

// toldOf reports whether what a rule misses stands in the list with a value that could not be taken: that was said already, and is then what forbids to
// publish.
func (im *judge) toldOf(said []RowFinding, f rule.Finding) bool {
	missing := f.Element
	switch f.Rule {
	case "required", "required_when":
	case "column_required":
		name, _ := f.Params["name"].(string)
		missing = list.CellName(f.Element, name)
	default:
		return false
	}
	for i := range said {
		x := &said[i]
		if !x.forbids && x.notTaken() && im.columns.Element(x.Sheet, x.Column) == missing {
			x.forbids = true
			return true
		}
	}
	return false
}

// notTaken reports whether a value was left out because it cannot be one of its element.
func (f *RowFinding) notTaken() bool {
	return f.Value != "" && (f.Key == "catalog.import_type" || f.Key == "list.value" || strings.HasPrefix(f.Key, "item."))
}

// settle keeps the findings with the item and makes what will be stored of it.
func (im *judge) settle(j *judged) error {
	for i := range j.findings {
		f := &j.findings[i]
		f.phrase = im.phrases.of(im.seed, f)
	}
	if j.rejected {
		return nil
	}
	if len(j.findings) > 0 && j.item.Imported == nil {
		j.item.Imported = &Imported{AgencyCode: codeOfAgency(im.agencies, j.item.Agency), LocalCode: j.item.Code}
	}
	if err := j.write(); err != nil {
		return err
	}
	j.whole = j.item
	j.whole.Unreviewed = true
	im.agencies.complete(&j.whole)
	j.line0 = lineIn(&j.whole, im.agencies)
	j.line0.version, j.line0.hash = 1, j.hash
	if len(j.findings) > 0 {
		j.line0.flags |= flagFindings
	}
	return nil
}

// write makes the document of the item and its hash.
func (j *judged) write() error {
	doc, hash, err := document(&j.item, j.findings)
	if err != nil {
		return err
	}
	if strings.Contains(doc, `\u0000`) { // PostgreSQL stores no NUL
		it, err := withoutNUL(doc)
		if err != nil {
			return err
		}
		if doc, hash, err = (publishing{item: it, unreviewed: true}).hash(); err != nil {
			return err
		}
		j.item = it
	}
	j.doc, j.hash = doc, hash
	return nil
}

func noNUL(s string) string { return strings.ReplaceAll(s, "\x00", "") }

// withoutNUL reads a document and takes the NUL characters out of its texts.
func withoutNUL(doc string) (Item, error) {
	var v any
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		return Item{}, err
	}
	b, err := json.Marshal(cleaned(v))
	if err != nil {
		return Item{}, err
	}
	var it Item
	return it, json.Unmarshal(b, &it)
}

func cleaned(v any) any {
	switch v := v.(type) {
	case string:
		return noNUL(v)
	case []any:
		for i := range v {
			v[i] = cleaned(v[i])
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[noNUL(k)] = cleaned(x)
		}
		return out
	}
	return v
}

func codeOfAgency(find agencyIndex, key string) string {
	if a := find.key[key]; a != nil {
		return a.Code
	}
	return ""
}

func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}
