package i18n

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"sync"

	"tongban/internal/base/errs"
)

// Lang is a BCP 47 tag of one of the two languages.
type Lang string

// The two languages; Chinese is the default and the authority.
const (
	Chinese Lang = "zh-CN"
	English Lang = "en"
)

//go:embed texts/*.json
var files embed.FS

var texts = sync.OnceValue(load)

func load() map[Lang]map[string]string {
	all := map[Lang]map[string]string{Chinese: {}, English: {}}
	names, err := files.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	for _, n := range names {
		_, rest, _ := strings.Cut(n.Name(), ".")
		lang := Lang(strings.TrimSuffix(rest, ".json"))
		b, err := files.ReadFile("texts/" + n.Name())
		if err != nil {
			panic(err)
		}
		var m map[string]string
		if err := json.Unmarshal(b, &m); err != nil {
			panic(fmt.Sprintf("i18n: %s: %v", n.Name(), err))
		}
		for k, v := range m {
			all[lang][k] = v
		}
	}
	return all
}

type ctxKey struct{}

// With puts the language into the context.
func With(ctx context.Context, l Lang) context.Context { return context.WithValue(ctx, ctxKey{}, l) }

// From gives the context's language, Chinese when none was set.
func From(ctx context.Context) Lang {
	if l, ok := ctx.Value(ctxKey{}).(Lang); ok {
		return l
	}
	return Chinese
}

// Parse picks a language from an Accept-Language header or a cookie value; the empty string gives Chinese.
func Parse(s string) Lang {
	for _, part := range strings.Split(s, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch {
		case strings.HasPrefix(strings.ToLower(tag), "zh"):
			return Chinese
		case strings.HasPrefix(strings.ToLower(tag), "en"):
			return English
		}
	}
	return Chinese
}

// T gives a text in the context's language with {name} places filled.
func T(ctx context.Context, key string, p ...errs.P) string { return In(From(ctx), key, p...) }

// In gives a text in a language.
func In(l Lang, key string, p ...errs.P) string {
	s, ok := texts()[l][key]
	if !ok {
		if s, ok = texts()[Chinese][key]; !ok {
			return key
		}
	}
	if len(p) == 0 {
		return s
	}
	return fill(l, s, p[0])
}

// fill replaces {name}; a value that is a Key is itself translated.
func fill(l Lang, s string, p errs.P) string {
	for k, v := range p {
		if t, ok := v.(Key); ok {
			v = In(l, string(t))
		}
		s = strings.ReplaceAll(s, "{"+k+"}", fmt.Sprint(v))
	}
	return s
}

// Key is a parameter that is itself a text key.
type Key string

// Has reports whether a key has a text.
func Has(key string) bool { _, ok := texts()[Chinese][key]; return ok }

// Err gives the words for an error. An error without a key is an internal one and says nothing of its inside.
func Err(ctx context.Context, err error) string {
	e := errs.As(err)
	switch {
	case e != nil && Has(e.Key):
		return T(ctx, e.Key, e.Params)
	case errs.KindOf(err) == errs.Unavailable:
		return T(ctx, "base.unavailable")
	}
	return T(ctx, "base.internal")
}

// Keys lists every key of a language, sorted; for tests.
func Keys(l Lang) []string {
	out := make([]string, 0, len(texts()[l]))
	for k := range texts()[l] {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
