package credit

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/engine/cnid"
)

// The limits of a list that is read in.
const (
	maxRows     = 50_000
	maxFindings = 200
	batch       = 500
)

// Report says what came of a list: how many lines were read, entered, and known before, and what is wrong with the others.
type Report struct {
	Read, Added, Known, Wrong int
	Findings                  []Finding // the first 200
}

// Finding is what is wrong with a line of a list; lines count from 1, the heading being the first.
type Finding struct {
	Line int
	errs.Field
}

// columns are the headings of a list, in Chinese as published lists have them or in English.
var columns = map[string][]string{
	"name": {"name", "名称", "姓名", "失信主体名称"}, "number": {"number", "号码", "统一社会信用代码", "证件号码"}, "reason": {"reason", "认定事由", "失信事实"},
	"basis": {"basis", "认定依据"}, "by": {"by", "认定机关", "认定单位"}, "ref": {"ref", "文号", "决定书文号"}, "from": {"from", "认定日期", "列入日期"}, "until": {"until", "截止日期", "移出日期"},
}

// needed are the columns a list must have.
var needed = []string{"name", "number", "reason", "by", "ref", "from"}

// Import reads a list another authority published: CSV in UTF-8 with a heading. Good lines are entered, bad ones reported; a line that stands in the list
// already is counted as known, so that a list may be read in again. errs.Invalid credit.list_heading when columns are missing.
func (s *Service) Import(ctx context.Context, a authz.Actor, in io.Reader) (Report, error) {
	if err := desk(a); err != nil {
		return Report{}, err
	}
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	at, err := heading(r)
	if err != nil {
		return Report{}, err
	}
	var rep Report
	var ready []Entry
	flush := func() error {
		err := s.addAll(ctx, a, ready, &rep)
		ready = ready[:0]
		return err
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if rep.Read++; rep.Read > maxRows {
			return rep, errors.Join(flush(), errs.New(errs.TooLarge, "credit.list_long", errs.P{"max": maxRows}))
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			rep.wrong(broken.StartLine, []errs.Field{{Path: "line", Key: "credit.line_broken"}})
			continue
		}
		if err != nil {
			return rep, err
		}
		e, fs := s.entryOf(row, at)
		if len(fs) > 0 {
			line, _ := r.FieldPos(0)
			rep.wrong(line, fs)
			continue
		}
		if ready = append(ready, e); len(ready) == batch {
			if err := flush(); err != nil {
				return rep, err
			}
		}
	}
	return rep, flush()
}

func (rep *Report) wrong(line int, fs []errs.Field) {
	rep.Wrong++
	for _, f := range fs {
		if len(rep.Findings) < maxFindings {
			rep.Findings = append(rep.Findings, Finding{line, f})
		}
	}
}

// heading finds the columns.
func heading(r *csv.Reader) (map[string]int, error) {
	row, err := r.Read()
	if err != nil {
		return nil, errs.New(errs.Invalid, "credit.list_heading", errs.P{"columns": strings.Join(needed, ", ")})
	}
	at := map[string]int{}
	for i, h := range row {
		h = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")))
		for key, names := range columns {
			if slices.Contains(names, h) {
				at[key] = i
			}
		}
	}
	var missing []string
	for _, key := range needed {
		if _, ok := at[key]; !ok {
			missing = append(missing, columns[key][1])
		}
	}
	if len(missing) > 0 {
		return nil, errs.New(errs.Invalid, "credit.list_heading", errs.P{"columns": strings.Join(missing, "、")})
	}
	return at, nil
}

// entryOf makes an entry of a line.
func (s *Service) entryOf(row []string, at map[string]int) (Entry, []errs.Field) {
	cell := func(key string) string {
		if i, ok := at[key]; ok && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	e := Entry{
		ID: ident.New(), Name: cell("name"), Ground: Serious, Reason: cell("reason"), Basis: cell("basis"), By: cell("by"), Source: ByImport, Ref: cell("ref"),
		Entered: s.d.Now(), From: dateOf(cell("from")), Until: dateOf(cell("until")), State: Active,
	}
	var fs []errs.Field
	if id, err := cnid.ParseID(cell("number"), s.today()); err == nil {
		e.Kind, e.Number = Person, id.Number
	} else if code, err := cnid.ParseCreditCode(cell("number")); err == nil {
		e.Kind, e.Number = Firm, code
	} else {
		fs = append(fs, errs.Field{Path: "number", Key: "credit.number_wrong"})
	}
	for path, text := range map[string]string{"name": e.Name, "reason": e.Reason, "by": e.By, "ref": e.Ref} {
		if n := utf8.RuneCountInString(text); n == 0 || n > maxWords || !utf8.ValidString(text) {
			fs = append(fs, errs.Field{Path: path, Key: "credit.cell_missing", Params: errs.P{"column": columns[path][1]}})
		}
	}
	fs = append(fs, dates(e.From, e.Until)...)
	slices.SortFunc(fs, func(a, b errs.Field) int { return strings.Compare(a.Path, b.Path) })
	e.subject = s.Subject(e.Number)
	return e, fs
}

// dateOf takes 2026-03-02, 2026/3/2 and 20260302; what is neither is left for the check to refuse.
func dateOf(s string) string {
	if len(s) == 8 && !strings.ContainsAny(s, "-/") {
		return s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	parts := strings.Split(strings.ReplaceAll(s, "/", "-"), "-")
	if len(parts) != 3 {
		return s
	}
	for i := range parts[1:] {
		if len(parts[i+1]) == 1 {
			parts[i+1] = "0" + parts[i+1]
		}
	}
	return strings.Join(parts, "-")
}

func (s *Service) addAll(ctx context.Context, a authz.Actor, es []Entry, rep *Report) error {
	if len(es) == 0 {
		return nil
	}
	added := 0
	err := s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		added = 0
		for _, e := range es {
			ok, err := s.putTx(ctx, tx, e, a.Name())
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			added++
			if err := s.record(ctx, tx, a, audit.Entry{Act: "credit.import", Object: "credit:" + e.ID, Subject: e.subject}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		rep.Added, rep.Known = rep.Added+added, rep.Known+len(es)-added
	}
	return err
}
