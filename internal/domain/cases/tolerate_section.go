package cases

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// laterFile is the file of a pack that says how its regions accept with materials missing.
const laterFile = "later.yaml"

type laterRulesFile struct {
	Later []LaterRule `json:"later"`
}

var regionCode = regexp.MustCompile(`^[0-9]{6}([0-9]{3}){0,2}$`)

func decodeLater(all []packfile.File) (laterRulesFile, *packfile.Doc, []packfile.Problem) {
	var f laterRulesFile
	for _, x := range all {
		if x.Path == laterFile {
			doc, ps := packfile.Decode(x, &f)
			return f, doc, ps
		}
	}
	return f, nil, nil
}

// CheckSection finds everything wrong with later.yaml at once.
func (s *Service) CheckSection(_ context.Context, all []packfile.File, _ packfile.Known) []packfile.Problem {
	f, doc, ps := decodeLater(all)
	if len(ps) > 0 {
		return ps
	}
	seen := map[string]bool{}
	for i, r := range f.Later {
		at := fmt.Sprintf("/later/%d", i)
		if !regionCode.MatchString(r.Region) || seen[r.Region] {
			ps = append(ps, doc.Problem(at+"/region", "cases.later_region", errs.P{"region": r.Region}))
		}
		if r.Unit != clock.Workday && r.Unit != clock.NaturalDay || r.period().Check() != nil || r.N > maxSpecial {
			ps = append(ps, doc.Problem(at+"/n", "cases.later_days", errs.P{"max": maxSpecial}))
		}
		if r.Clock != catalog.LaterRuns && r.Clock != catalog.LaterWaits {
			ps = append(ps, doc.Problem(at+"/clock", "cases.later_clock", nil))
		}
		seen[r.Region] = true
	}
	return ps
}

// Names gives no keys: nothing of a pack refers to a region's rule.
func (s *Service) Names([]packfile.File) map[string][]string { return nil }

// HasKey knows no keys.
func (s *Service) HasKey(context.Context, string, string) bool { return false }

// LoadTx stores the rules of a pack that CheckSection found good. What was promised before keeps the rule that held then.
func (s *Service) LoadTx(ctx context.Context, tx *db.Tx, _ time.Time, all []packfile.File) error {
	f, _, ps := decodeLater(all)
	if len(ps) > 0 {
		return errs.New(errs.Invalid, ps[0].Key, ps[0].Params)
	}
	for _, r := range f.Later {
		if err := putLaterRuleTx(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}
