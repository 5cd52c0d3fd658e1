package i18n_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

var place = regexp.MustCompile(`\{[a-z_]+\}`)

// places are the parameters a text takes. Texts that name things by language take {en} for {name} and {x_en} for {x}.
func places(l i18n.Lang, key string) []string {
	all := place.FindAllString(i18n.In(l, key), -1)
	for i, p := range all {
		if p == "{en}" {
			all[i] = "{name}"
		} else if bare, ok := strings.CutSuffix(p, "_en}"); ok {
			all[i] = bare + "}"
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestBothLanguagesAreComplete(t *testing.T) {
	zh, en := i18n.Keys(i18n.Chinese), i18n.Keys(i18n.English)
	for _, k := range zh {
		if _, found := slices.BinarySearch(en, k); !found {
			t.Errorf("%s has no English text", k)
			continue
		}
		a, b := places(i18n.Chinese, k), places(i18n.English, k)
		if !slices.Equal(a, b) {
			t.Errorf("%s: places differ: %v and %v", k, a, b)
		}
	}
	for _, k := range en {
		if _, found := slices.BinarySearch(zh, k); !found {
			t.Errorf("%s has no Chinese text", k)
		}
	}
}

func TestErrHidesTheInside(t *testing.T) {
	ctx := i18n.With(context.Background(), i18n.English)
	if got := i18n.Err(ctx, errors.New("SELECT secret")); got != i18n.In(i18n.English, "base.internal") {
		t.Errorf("internal error shown as %q", got)
	}
	if got := i18n.Err(ctx, errs.New(errs.NotFound, "base.not_found")); got != i18n.In(i18n.English, "base.not_found") {
		t.Errorf("known error shown as %q", got)
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]i18n.Lang{"": i18n.Chinese, "en-GB,zh;q=0.5": i18n.English, "fr, zh-TW": i18n.Chinese, "fr": i18n.Chinese} {
		if got := i18n.Parse(in); got != want {
			t.Errorf("Parse(%q) = %s, want %s", in, got, want)
		}
	}
}
