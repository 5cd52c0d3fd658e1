package mandate

import (
	"context"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/cnid"
)

// words gives a Chinese text: what is signed or told does not change with the language of the page.
func words(key string, p ...errs.P) string { return i18n.In(i18n.Chinese, key, p...) }

// Declaration is the text with which a mandate is given: what the giver ticks or signs. The same draft always gives the same text.
func (s *Service) Declaration(ctx context.Context, d Draft) (string, error) {
	name, err := s.principalName(ctx, d.ForKind, d.ForID, false)
	if err != nil {
		return "", err
	}
	scope, err := s.scopeWords(ctx, i18n.Chinese, d.ForKind, d.Scope)
	if err != nil {
		return "", err
	}
	holder := d.Named.Name
	if d.Named.Number != "" {
		holder += words("mandate.declared_number", errs.P{"number": cnid.MaskID(d.Named.Number)})
	} else {
		holder += words("mandate.declared_phone", errs.P{"phone": cnid.MaskPhone(d.Named.Phone)})
	}
	return words("mandate.declaration_"+string(d.Kind), errs.P{"giver": name, "holder": holder, "acts": scope.Acts, "items": scope.Items, "from": d.Term.From, "until": d.Term.Until}), nil
}

// ScopeWords is a scope in words.
type ScopeWords struct{ Acts, Items string }

// ScopeWords says a scope in a language.
func (s *Service) ScopeWords(ctx context.Context, forKind string, sc authz.Scope) (ScopeWords, error) {
	return s.scopeWords(ctx, i18n.From(ctx), forKind, sc)
}

func (s *Service) scopeWords(ctx context.Context, l i18n.Lang, forKind string, sc authz.Scope) (ScopeWords, error) {
	comma := i18n.In(l, "mandate.comma")
	var acts []string
	for _, a := range authz.ScopeActs {
		if sc.Covers(a, "") {
			acts = append(acts, i18n.In(l, "mandate.act_"+a))
		}
	}
	out := ScopeWords{Acts: strings.Join(acts, comma), Items: i18n.In(l, "mandate.all_items")}
	if (&authz.Scope{Items: sc.Items, Acts: []string{"*"}}).Covers("*", "*") {
		return out, nil
	}
	known, err := s.Items(ctx, forKind)
	if err != nil {
		return out, err
	}
	names := map[string]string{}
	for _, it := range known {
		names[it.Key] = it.Name
	}
	var items []string
	for _, key := range sc.Items {
		if n := names[key]; n != "" {
			items = append(items, n)
		} else {
			items = append(items, key) // an item that was withdrawn since
		}
	}
	out.Items = strings.Join(items, comma)
	return out, nil
}

// principalName is a firm's name, or a person's: whole for themselves, masked for others.
func (s *Service) principalName(ctx context.Context, kind, id string, masked bool) (string, error) {
	if kind == ForFirm {
		f, err := s.deps.People.Firm(ctx, id)
		return f.Name, err
	}
	p, err := s.deps.People.Person(ctx, id)
	if masked {
		return p.Masked(), err
	}
	return p.Name, err
}
