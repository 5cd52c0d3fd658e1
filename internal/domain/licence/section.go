package licence

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/cnid"
)

// Kind is the kind of key that licence-types/ defines.
const Kind = "licence_type"

const folder = "licence-types"

var (
	keyShape   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	fieldShape = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// CheckSection reports everything wrong with the licence-types/ files of a pack.
func (s *Service) CheckSection(_ context.Context, files []packfile.File, _ packfile.Known) []packfile.Problem {
	var ps []packfile.Problem
	keys, codes := map[string]string{}, map[string]string{}
	for _, f := range paper.Section(files, folder) {
		var t Type
		doc, bad := packfile.Decode(f, &t)
		if len(bad) > 0 {
			ps = append(ps, bad...)
			continue
		}
		ps = append(ps, t.check(doc)...)
		if other, twice := keys[t.Key]; twice {
			ps = append(ps, doc.Problem("/key", "licence.check_twice", errs.P{"value": t.Key, "file": other}))
		}
		if other, twice := codes[t.Code]; twice {
			ps = append(ps, doc.Problem("/code", "licence.check_twice", errs.P{"value": t.Code, "file": other}))
		}
		keys[t.Key], codes[t.Code] = f.Path, f.Path
	}
	return ps
}

func (t Type) check(doc *packfile.Doc) []packfile.Problem {
	var ps []packfile.Problem
	add := func(pointer, key string, p errs.P) { ps = append(ps, doc.Problem(pointer, key, p)) }
	if !keyShape.MatchString(t.Key) || len(t.Key) > 60 {
		add("/key", "licence.check_key", errs.P{"key": t.Key})
	}
	if !validCode(t.Code) {
		add("/code", "licence.check_code", errs.P{"code": t.Code})
	}
	for _, x := range [][2]string{{"name", t.Name}, {"definer", t.Definer}} {
		if strings.TrimSpace(x[1]) == "" {
			add("/"+x[0], "licence.check_empty", errs.P{"name": x[0]})
		}
	}
	if t.Holder != Person && t.Holder != Firm {
		add("/holder", "licence.check_holder", errs.P{"holder": t.Holder})
	}
	if !slices.Contains([]string{"A", "B", "C", "D"}, t.Trust) {
		add("/trust", "licence.check_trust", errs.P{"trust": t.Trust})
	}
	if v := t.Validity; v.Years < 0 || v.Months < 0 || v.Days < 0 || v.Years > 100 || v.Months > 1200 || v.Days > 36500 {
		add("/validity", "licence.check_validity", nil)
	}
	for _, f := range t.checkPattern() {
		add(f.Path, f.Key, f.Params)
	}
	ps = append(ps, t.checkFields(doc)...)
	if t.IssuedHere {
		ps = append(ps, paper.CheckLayout(doc, t.Layout, t.placeNames())...)
		ps = append(ps, t.checkShown(doc)...)
	}
	return ps
}

// validCode: a credit code with its check digit and three characters.
func validCode(code string) bool {
	if len(code) != 21 {
		return false
	}
	if _, err := cnid.ParseCreditCode(code[:18]); err != nil {
		return false
	}
	_, err := cnid.LicenceID(code, code[:18], "1", "001")
	return err == nil
}

func (t Type) checkFields(doc *packfile.Doc) []packfile.Problem {
	var ps []packfile.Problem
	seen := map[string]bool{}
	for i, f := range t.Fields {
		at := fmt.Sprintf("/fields/%d", i)
		if !fieldShape.MatchString(f.Key) {
			ps = append(ps, doc.Problem(at+"/key", "licence.check_field_key", errs.P{"key": f.Key}))
		}
		if seen[f.Key] {
			ps = append(ps, doc.Problem(at+"/key", "licence.check_field_twice", errs.P{"key": f.Key}))
		}
		seen[f.Key] = true
		if strings.TrimSpace(f.Label) == "" {
			ps = append(ps, doc.Problem(at, "licence.check_empty", errs.P{"name": "label"}))
		}
		if !slices.Contains(ownSources, f.From) && !source.MatchString(f.From) {
			ps = append(ps, doc.Problem(at+"/from", "licence.check_from", errs.P{"from": f.From}))
		}
	}
	return ps
}

// checkShown: whoever sees a print must be able to find the licence again and to verify it.
func (t Type) checkShown(doc *packfile.Doc) []packfile.Problem {
	var ps []packfile.Problem
	used := paper.Places(t.Layout)
	for _, n := range []string{"number", "licence_id", "verify_url", "agency"} {
		if !used[n] {
			ps = append(ps, doc.Problem("/layout", "licence.check_must_show", errs.P{"name": "{{" + n + "}}"}))
		}
	}
	if !slices.ContainsFunc(t.Layout.Blocks, func(b block) bool { return b.Kind == "seal" || b.Seal }) {
		ps = append(ps, doc.Problem("/layout", "licence.check_must_seal"))
	}
	return ps
}

// LoadTx stores the types of a checked pack; what has not changed makes no new version.
func (s *Service) LoadTx(ctx context.Context, tx *db.Tx, now time.Time, files []packfile.File) error {
	for _, f := range paper.Section(files, folder) {
		var t Type
		if _, bad := packfile.Decode(f, &t); len(bad) > 0 {
			return errs.New(errs.Invalid, bad[0].Key, bad[0].Params)
		}
		if err := putType(ctx, tx, now, t); err != nil {
			return fmt.Errorf("load %s: %w", f.Path, err)
		}
	}
	return nil
}

// Names gives the keys the files define, by kind.
func (s *Service) Names(files []packfile.File) map[string][]string {
	return map[string][]string{Kind: paper.KeysOf(paper.Section(files, folder))}
}

// HasKey reports whether a type is in the database.
func (s *Service) HasKey(ctx context.Context, kind, key string) bool {
	if kind != Kind {
		return false
	}
	_, err := newest(ctx, s.d.DB.R(), key)
	return err == nil
}
