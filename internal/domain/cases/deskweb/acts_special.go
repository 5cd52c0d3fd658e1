package deskweb

import (
	"context"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// pausing is the form of a stop of the clock as typed.
type pausing struct{ Ground, N, Unit, Reason string }

func suspending() kind[pausing] {
	return kind[pausing]{
		act: cases.ActSuspend, path: "suspend",
		begin: func(context.Context, handlers, cases.Detail) pausing { return pausing{Unit: string(clock.Workday)} },
		read: func(v url.Values, _ cases.Detail) pausing {
			return pausing{v.Get("ground"), text(v, "n"), v.Get("unit"), text(v, "reason")}
		},
		check: func(_ cases.Detail, f pausing) []errs.Field {
			var out []errs.Field
			if f.Ground == "" {
				out = append(out, errs.Field{Path: "ground", Key: "cases.choose_special"})
			}
			if n, err := strconv.Atoi(f.N); err != nil || n < 1 {
				out = append(out, errs.Field{Path: "n", Key: "cases.special_length", Params: errs.P{"max": 366}})
			}
			if f.Reason == "" {
				out = append(out, errs.Field{Path: "reason", Key: "deskweb.reason_missing"})
			}
			return out
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f pausing) error {
			n, _ := strconv.Atoi(f.N) // checked above
			_, err := s.Suspend(ctx, a, d.ID, version, cases.Suspension{Ground: f.Ground, N: n, Unit: clock.Unit(f.Unit), Reason: f.Reason})
			return err
		},
		page: suspendPage,
	}
}

func specialOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, g := range cases.Specials {
		out = append(out, ui.Option{Value: g, Label: tr(ctx, "cases.special_"+g)})
	}
	return out
}

func unitOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, u := range []clock.Unit{clock.Workday, clock.NaturalDay, clock.Month} {
		out = append(out, ui.Option{Value: string(u), Label: tr(ctx, "deskweb.unit_"+string(u))})
	}
	return out
}

// words is a form of one text.
type words struct{ Text string }

// saying is an act that needs one text: the result of a special procedure, the reason of an extension.
func saying(act cases.Act, path, name string, do func(ctx context.Context, s *cases.Service, a authz.Actor, id string, version int64, text string) error) kind[words] {
	return kind[words]{
		act: act, path: path,
		begin: func(context.Context, handlers, cases.Detail) words { return words{} },
		read:  func(v url.Values, _ cases.Detail) words { return words{text(v, name)} },
		check: func(_ cases.Detail, f words) []errs.Field {
			if f.Text == "" {
				return []errs.Field{{Path: name, Key: "deskweb." + name + "_missing"}}
			}
			return nil
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f words) error {
			return do(ctx, s, a, d.ID, version, f.Text)
		},
		page: func(v actView, f words) templ.Component { return oneTextPage(v, name, f) },
	}
}

func resuming() kind[words] {
	return saying(cases.ActResume, "resume", "result", func(ctx context.Context, s *cases.Service, a authz.Actor, id string, version int64, text string) error {
		_, err := s.Resume(ctx, a, id, version, text)
		return err
	})
}

func extending() kind[words] {
	return saying(cases.ActExtend, "extend", "reason", func(ctx context.Context, s *cases.Service, a authz.Actor, id string, version int64, text string) error {
		_, err := s.Extend(ctx, a, id, version, cases.Extension{Reason: text})
		return err
	})
}

// ending is an act that ends a case without a decision.
func ending(act cases.Act, path string, do func(*cases.Service, context.Context, authz.Actor, string, int64, cases.Ending) (cases.Case, error)) kind[cases.Ending] {
	return kind[cases.Ending]{
		act: act, path: path,
		begin: func(context.Context, handlers, cases.Detail) cases.Ending {
			if g := cases.EndGrounds(act); len(g) == 1 {
				return cases.Ending{Ground: g[0]}
			}
			return cases.Ending{}
		},
		read: func(v url.Values, _ cases.Detail) cases.Ending {
			return cases.Ending{Ground: v.Get("ground"), Reason: text(v, "reason"), To: text(v, "to")}
		},
		check: func(_ cases.Detail, f cases.Ending) []errs.Field {
			var out []errs.Field
			if f.Ground == "" {
				out = append(out, errs.Field{Path: "ground", Key: "cases.choose_end"})
			}
			if f.Reason == "" {
				out = append(out, errs.Field{Path: "reason", Key: "deskweb.reason_missing"})
			}
			if act == cases.ActTransfer && f.To == "" {
				out = append(out, errs.Field{Path: "to", Key: "deskweb.authority_missing"})
			}
			return out
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f cases.Ending) error {
			_, err := do(s, ctx, a, d.ID, version, f)
			return err
		},
		page: endPage,
	}
}

func endOptions(ctx context.Context, act cases.Act) []ui.Option {
	var out []ui.Option
	for _, g := range cases.EndGrounds(act) {
		out = append(out, ui.Option{Value: g, Label: tr(ctx, "cases.end_"+g)})
	}
	return out
}
