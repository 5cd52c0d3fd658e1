package deskweb

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

func newKey() string { return ident.Secret(10) }

// text takes what was typed into one box.
func text(v url.Values, name string) string { return strings.TrimSpace(v.Get(name)) }

type nothing struct{}

// doing is an act on a case that needs nothing typed; step is the one it is about.
type doing func(s *cases.Service, ctx context.Context, a authz.Actor, id string, version int64, step string) error

// whole is an act on the case as a whole.
func whole(f func(*cases.Service, context.Context, authz.Actor, string, int64) (cases.Case, error)) doing {
	return func(s *cases.Service, ctx context.Context, a authz.Actor, id string, version int64, _ string) error {
		_, err := f(s, ctx, a, id, version)
		return err
	}
}

// stepped is an act on one step.
func stepped(f func(*cases.Service, context.Context, authz.Actor, string, int64, string) (cases.Case, error)) doing {
	return func(s *cases.Service, ctx context.Context, a authz.Actor, id string, version int64, step string) error {
		_, err := f(s, ctx, a, id, version, step)
		return err
	}
}

// simple is an act that needs only a yes: receive, accept, take up, put down.
func simple(act cases.Act, path string, do doing) kind[nothing] {
	return kind[nothing]{
		act: act, path: path,
		begin: func(context.Context, handlers, cases.Detail) nothing { return nothing{} },
		read:  func(url.Values, cases.Detail) nothing { return nothing{} },
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, _ nothing) error {
			return do(s, ctx, a, d.ID, version, d.Step)
		},
		page: func(v actView, _ nothing) templ.Component { return simplePage(v) },
	}
}

// follows says what accepting sets off: the paper and the deadlines counted from now.
func (h handlers) follows(ctx context.Context, d cases.Detail) []string {
	out := []string{tr(ctx, "deskweb.follow_paper")}
	for _, l := range []struct {
		key string
		p   clock.Period
	}{{"deskweb.follow_promised", d.Item.Limits.Promised.Period()}, {"deskweb.follow_legal", d.Item.Limits.Legal.Period()}} {
		if l.p.N == 0 {
			continue
		}
		res, err := clock.Deadline(h.Now(), l.p, nil, h.Offices.Calendar(ctx))
		if err == nil {
			out = append(out, tr(ctx, l.key, errs.P{"n": l.p.N, "unit": tr(ctx, "deskweb.unit_"+string(l.p.Unit)), "day": day(res.Due)}))
		}
	}
	return append(out, tr(ctx, "deskweb.follow_tell"))
}

func refusing() kind[cases.Refusal] {
	return kind[cases.Refusal]{
		act: cases.ActRefuse, path: "refuse",
		begin: func(context.Context, handlers, cases.Detail) cases.Refusal { return cases.Refusal{} },
		read: func(v url.Values, _ cases.Detail) cases.Refusal {
			return cases.Refusal{Ground: v.Get("ground"), Reason: text(v, "reason"), RightAuthority: text(v, "right_authority")}
		},
		check: func(_ cases.Detail, f cases.Refusal) []errs.Field {
			var out []errs.Field
			if f.Ground == "" {
				out = append(out, errs.Field{Path: "ground", Key: "deskweb.ground_missing"})
			}
			if f.Reason == "" {
				out = append(out, errs.Field{Path: "reason", Key: "deskweb.reason_missing"})
			}
			if f.Ground == cases.GroundWrongAgency && f.RightAuthority == "" {
				out = append(out, errs.Field{Path: "right_authority", Key: "deskweb.authority_missing"})
			}
			return out
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f cases.Refusal) error {
			if f.Ground != cases.GroundWrongAgency {
				f.RightAuthority = ""
			}
			_, err := s.RefuseAcceptance(ctx, a, d.ID, version, f)
			return err
		},
		page: refusePage,
	}
}

func groundOptions(ctx context.Context, nature string) []ui.Option {
	var out []ui.Option
	for _, g := range cases.Grounds {
		out = append(out, ui.Option{Value: g, Label: tr(ctx, cases.Word(nature, "cases.ground_"+g)), Hint: tr(ctx, "deskweb.ground_"+g)})
	}
	return out
}
