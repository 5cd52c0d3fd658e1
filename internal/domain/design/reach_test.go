package design_test

import (
	"context"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/design"
	"tongban/internal/domain/org"
)

// tree is a small tree of agencies: a city bureau over a district one, whose parent rings run in a circle by mistake.
type tree map[string]org.Agency

func (o tree) Agency(_ context.Context, key string) (org.Agency, error) {
	if a, ok := o[key]; ok {
		return a, nil
	}
	return org.Agency{}, errs.New(errs.NotFound, "org.no_agency")
}
func (o tree) Agencies(context.Context) []org.Agency           { return nil }
func (o tree) Posts(context.Context, string) []org.Post        { return nil }
func (o tree) SamePerson(context.Context, string, string) bool { return false }
func (o tree) Region(context.Context, string) (org.Region, error) {
	return org.Region{}, errs.New(errs.NotFound, "org.no_region")
}

func (o tree) Within(_ context.Context, code, above string) bool {
	return len(code) >= len(above) && code[:len(above)] == above
}

func TestWhoLooksAfterWhoseItems(t *testing.T) {
	o := tree{
		"city":   {Key: "city", Region: "5801"},
		"market": {Key: "market", Region: "580102", Parent: "city"},
		"branch": {Key: "branch", Region: "580102001", Parent: "market"},
		"civil":  {Key: "civil", Region: "580102"},
		"hall":   {Key: "hall", Region: "580102"},
		"x-hall": {Key: "x-hall", Region: "580103"},
		"ring-a": {Key: "ring-a", Region: "580102", Parent: "ring-b"},
		"ring-b": {Key: "ring-b", Region: "580102", Parent: "ring-a"},
	}
	s := design.New(design.Deps{Org: o})
	for _, c := range []struct {
		of, item string
		want     bool
	}{
		{"market", "market", true},
		{"market", "branch", true},
		{"city", "branch", true},
		{"market", "city", false},
		{"civil", "market", false},
		{"hall", "civil", true},
		{"hall", "branch", true},
		{"hall", "city", false},
		{"x-hall", "civil", false},
		{"ring-a", "ring-b", true},
		{"civil", "ring-a", false},
		{"", "market", false},
		{"market", "none", false},
	} {
		if got := s.Reaches(t.Context(), authz.Actor{StaffID: "x", AgencyID: c.of}, c.item); got != c.want {
			t.Errorf("%s looks after %s: %v", c.of, c.item, got)
		}
	}
}
