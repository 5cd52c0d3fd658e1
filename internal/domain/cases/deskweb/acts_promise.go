package deskweb

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// found is the form of the check of a promise as typed.
type found struct{ Result, Reason, Basis, N, Unit string }

func checking() kind[found] {
	return kind[found]{
		act: cases.ActFollow, path: "check-promise",
		begin: func(context.Context, handlers, cases.Detail) found { return found{Unit: string(clock.Workday)} },
		read: func(v url.Values, _ cases.Detail) found {
			return found{v.Get("result"), text(v, "reason"), text(v, "basis"), text(v, "n"), v.Get("unit")}
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f found) error {
			in := cases.FollowUp{Result: f.Result, Reason: f.Reason, Basis: f.Basis}
			if f.Result == cases.CheckMend {
				in.N, _ = strconv.Atoi(f.N) // what is no number is refused as no length
				in.Unit = clock.Unit(f.Unit)
			}
			_, err := s.FollowUp(ctx, a, d.ID, version, in)
			return err
		},
		page: checkPromisePage,
	}
}

// checkOptions are the results that can be found: of a promise to supply only that it was broken.
func checkOptions(ctx context.Context, d cases.Detail) []ui.Option {
	var out []ui.Option
	later := !slices.ContainsFunc(d.Tasks, func(t cases.Task) bool { return t.Kind == cases.TaskCheck && t.Mine })
	for _, r := range cases.CheckResults {
		if later && r != cases.CheckFalse {
			continue
		}
		out = append(out, ui.Option{Value: r, Label: tr(ctx, "cases.check_"+r)})
	}
	return out
}

// owedRows lists what was to follow the acceptance.
func owedRows(ctx context.Context, d cases.Detail) []ui.KVRow {
	var out []ui.KVRow
	for _, o := range d.Owed {
		v := tr(ctx, "deskweb.owed_before")
		switch {
		case !o.Supplied.IsZero():
			v = tr(ctx, "deskweb.owed_supplied", errs.P{"time": minute(o.Supplied)})
		case o.Overdue:
			v = tr(ctx, "deskweb.owed_overdue", errs.P{"time": minute(o.Due)})
		case !o.Due.IsZero():
			v = tr(ctx, "deskweb.owed_until", errs.P{"time": minute(o.Due)})
		}
		out = append(out, ui.KVRow{Key: o.Name, Value: v})
	}
	return out
}

// checkRows lists what checks of promises found.
func checkRows(ctx context.Context, d cases.Detail) []ui.KVRow {
	var out []ui.KVRow
	for _, c := range d.Checks {
		v := c.Reason
		if !c.Until.IsZero() {
			v += " " + tr(ctx, "deskweb.owed_until", errs.P{"time": minute(c.Until)})
		}
		out = append(out, ui.KVRow{Key: minute(c.At) + " " + tr(ctx, "cases.check_"+c.Result), Value: v})
	}
	return out
}
