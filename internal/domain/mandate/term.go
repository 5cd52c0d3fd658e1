package mandate

import (
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
)

func dayOf(at time.Time) string { return at.In(clock.Shanghai).Format(time.DateOnly) }

// findings checks a term against today; the fields are "from" and "until".
func (t Term) findings(today string, c Config) (fs []errs.Field) {
	from, err1 := time.Parse(time.DateOnly, t.From)
	until, err2 := time.Parse(time.DateOnly, t.Until)
	now, err3 := time.Parse(time.DateOnly, today)
	bad := func(path, key string, p ...errs.P) {
		f := errs.Field{Path: path, Key: key}
		if len(p) > 0 {
			f.Params = p[0]
		}
		fs = append(fs, f)
	}
	if err1 != nil {
		bad("from", "mandate.date_wrong")
	}
	if err2 != nil {
		bad("until", "mandate.date_wrong")
	}
	if err1 != nil || err2 != nil || err3 != nil {
		return fs
	}
	ahead, last := now.AddDate(0, 0, c.AheadDays), from.AddDate(c.MaxYears, 0, -1)
	switch {
	case from.Before(now):
		bad("from", "mandate.from_past")
	case from.After(ahead):
		bad("from", "mandate.from_far", errs.P{"date": ahead.Format(time.DateOnly)})
	}
	switch {
	case until.Before(from):
		bad("until", "mandate.until_before")
	case until.After(last):
		bad("until", "mandate.until_long", errs.P{"years": c.MaxYears, "date": last.Format(time.DateOnly)})
	}
	return fs
}

// checkScope keeps a scope's known acts and items; the fields are "acts" and "items". An agent or helper who may act must also be able to see.
func checkScope(in authz.Scope, known []Item) (out authz.Scope, fs []errs.Field) {
	for _, a := range authz.ScopeActs {
		if slices.Contains(in.Acts, a) || slices.Contains(in.Acts, "*") {
			out.Acts = append(out.Acts, a)
		}
	}
	if len(out.Acts) == 0 {
		fs = append(fs, errs.Field{Path: "acts", Key: "mandate.acts_missing"})
	} else if !slices.Contains(out.Acts, authz.ActView) {
		out.Acts = append(out.Acts, authz.ActView)
	}
	if slices.Contains(in.Items, "*") {
		out.Items = []string{"*"}
		return out, fs
	}
	for _, it := range known {
		if slices.Contains(in.Items, it.Key) {
			out.Items = append(out.Items, it.Key)
		}
	}
	if len(out.Items) == 0 || len(out.Items) < len(unique(in.Items)) {
		fs = append(fs, errs.Field{Path: "items", Key: "mandate.items_missing"})
	}
	return out, fs
}

func unique(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

func invalid(fs []errs.Field) error {
	if len(fs) == 0 {
		return nil
	}
	return &errs.E{Kind: errs.Invalid, Key: "base.invalid", Params: errs.P{"n": len(fs)}, Fields: fs}
}

func field(path, key string) error { return invalid([]errs.Field{{Path: path, Key: key}}) }
