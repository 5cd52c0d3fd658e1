package paper

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
)

// Kind is the kind of key that papers/ defines.
const Kind = "paper"

var (
	keyShape  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	numberAny = regexp.MustCompile(`\{[^{}]*\}`)
	itemTypes = []string{"01", "05", "07", "08", "09", "10", "20", "21"} // domain list L1, those one can apply for
)

// variants are the cases of an act that have papers of their own: the grounds of refusing to accept, a grant in part, and what a grant does to a licence
// that is held.
var variants = map[string][]string{
	RefuseAcceptance: {"not_needed", "wrong_agency", "not_cured", "safety_bar"}, Grant: {"partly", "change", "renew", "cancel"},
}

// Section gives the files of a folder of the pack, in order.
func Section(files []packfile.File, folder string) []packfile.File {
	var out []packfile.File
	for _, f := range files {
		if path.Dir(f.Path) == folder && slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(f.Path)) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b packfile.File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// CheckSection reports everything wrong with the papers/ files of a pack.
func (s *Service) CheckSection(_ context.Context, files []packfile.File, _ packfile.Known) []packfile.Problem {
	var ps []packfile.Problem
	seen := uses{}
	for _, f := range Section(files, "papers") {
		var t Template
		doc, bad := packfile.Decode(f, &t)
		if len(bad) > 0 {
			ps = append(ps, bad...)
			continue
		}
		ps = append(ps, t.check(doc)...)
		ps = append(ps, t.checkAlone(doc, f.Path, seen)...)
	}
	return ps
}

// uses remembers what must be one of its kind: "key K" and "default ACT TYPE" by file, "number PATTERN" by act.
type uses map[string]string

// first notes a use; it gives the earlier one where there is another.
func (u uses) first(what, who string) (other string, ok bool) {
	if other, taken := u[what]; taken && other != who {
		return other, false
	}
	u[what] = who
	return "", true
}

// checkAlone finds two templates for one thing: one key, one default, or one number for two acts.
func (t Template) checkAlone(doc *packfile.Doc, file string, seen uses) []packfile.Problem {
	var ps []packfile.Problem
	if other, ok := seen.first("key "+t.Key, file); !ok {
		ps = append(ps, doc.Problem("/key", "paper.check_key_twice", errs.P{"key": t.Key, "file": other}))
	}
	for i, it := range t.ItemTypes {
		if other, ok := seen.first(strings.Join(slices.Concat([]string{"default", t.Act, it}, t.Natures, t.Variants), " "), file); !ok {
			ps = append(ps, doc.Problem(fmt.Sprintf("/item_types/%d", i), "paper.check_default_twice", errs.P{"act": t.Act, "type": it, "file": other}))
		}
	}
	if other, ok := seen.first("number "+t.Number, t.Act); !ok {
		ps = append(ps, doc.Problem("/number", "paper.check_number_shared", errs.P{"number": t.Number, "act": other}))
	}
	return ps
}

func (t Template) check(doc *packfile.Doc) []packfile.Problem {
	var ps []packfile.Problem
	add := func(pointer, key string, p errs.P) { ps = append(ps, doc.Problem(pointer, key, p)) }
	if !keyShape.MatchString(t.Key) || len(t.Key) > 60 {
		add("/key", "paper.check_key", errs.P{"key": t.Key})
	}
	if !slices.Contains(Acts, t.Act) {
		add("/act", "paper.check_act", errs.P{"act": t.Act, "acts": strings.Join(Acts, "、")})
	}
	for i, it := range t.ItemTypes {
		if !slices.Contains(itemTypes, it) {
			add(fmt.Sprintf("/item_types/%d", i), "paper.check_item_type", errs.P{"type": it, "types": strings.Join(itemTypes, "、")})
		}
	}
	for i, n := range t.Natures {
		if !slices.Contains(item.Natures, n) {
			add(fmt.Sprintf("/natures/%d", i), "paper.check_nature", errs.P{"nature": n, "natures": strings.Join(item.Natures, "、")})
		}
	}
	for i, v := range t.Variants {
		if !slices.Contains(variants[t.Act], v) {
			add(fmt.Sprintf("/variants/%d", i), "paper.check_variant", errs.P{"variant": v, "act": t.Act, "variants": strings.Join(variants[t.Act], "、")})
		}
	}
	if strings.TrimSpace(t.Title) == "" {
		add("/title", "paper.check_title", nil)
	}
	for _, m := range numberAny.FindAllString(t.Number, -1) {
		if !slices.Contains([]string{"{mark}", "{year}", "{n}"}, m) {
			add("/number", "paper.check_number_place", errs.P{"place": m})
		}
	}
	if !strings.Contains(t.Number, "{n}") || !strings.Contains(t.Number, "{year}") {
		add("/number", "paper.check_number", errs.P{"number": t.Number})
	}
	if !slices.Contains(Acts, t.Act) {
		return ps
	}
	ps = append(ps, CheckLayout(doc, t.Layout, PlaceNames(t.Act))...)
	return append(ps, t.checkLaw(doc)...)
}

// checkLaw finds what a paper of the act may not lack.
func (t Template) checkLaw(doc *packfile.Doc) []packfile.Problem {
	var ps []packfile.Problem
	used := Places(t.Layout)
	for _, n := range append([]string{"agency", "number", "date_cn", "applicant"}, mustShow[t.Act]...) {
		if !used[n] {
			ps = append(ps, doc.Problem("/layout", "paper.check_must_show", errs.P{"name": "{{" + n + "}}", "act": t.Act}))
		}
	}
	sealed := false
	for _, b := range t.Layout.Blocks {
		sealed = sealed || b.Kind == "seal" || b.Seal
	}
	if !sealed && slices.Contains(mustBeSealed, t.Act) {
		ps = append(ps, doc.Problem("/layout", "paper.check_must_seal", errs.P{"act": t.Act}))
	}
	return ps
}

// LoadTx stores the templates of a checked pack; what has not changed makes no new version.
func (s *Service) LoadTx(ctx context.Context, tx *db.Tx, now time.Time, files []packfile.File) error {
	for _, f := range Section(files, "papers") {
		var t Template
		if _, bad := packfile.Decode(f, &t); len(bad) > 0 {
			return errs.New(errs.Invalid, bad[0].Key, bad[0].Params)
		}
		if err := putTemplate(ctx, tx, now, t); err != nil {
			return fmt.Errorf("load %s: %w", f.Path, err)
		}
	}
	return nil
}

// Names gives the keys the files define, by kind.
func (s *Service) Names(files []packfile.File) map[string][]string {
	return map[string][]string{Kind: KeysOf(Section(files, "papers"))}
}

// HasKey reports whether a template is in the database.
func (s *Service) HasKey(ctx context.Context, kind, key string) bool {
	if kind != Kind {
		return false
	}
	_, err := newest(ctx, s.d.DB.R(), key)
	return err == nil
}
