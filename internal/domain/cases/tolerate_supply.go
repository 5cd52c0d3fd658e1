package cases

import (
	"context"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/engine/flow"
)

// Supply hands in what was promised for after the acceptance: the files that lie ready for these materials, or for all that are missing when none is
// named. The applicant does it on line, a window with the right to receive for whoever brings them; the round stays. Errors: errs.Conflict
// cases.nothing_owed, errs.Invalid cases.incomplete with material.<key> cases.material_missing.
func (s *Service) Supply(ctx context.Context, a authz.Actor, id string, version int64, materials []string) (Case, error) {
	return s.do(ctx, a, id, ActSupply, version, materials, func(w *work) error {
		if err := w.maySupply(ctx); err != nil {
			return err
		}
		files, err := s.findFiles(ctx, s.DB.R(), id)
		if err != nil {
			return err
		}
		came, err := w.coming(files, materials)
		if err != nil {
			return err
		}
		if err := w.to(ActSupply); err != nil {
			return err
		}
		w.note(EventSupplied, w.now, w.by, suppliedData{came})
		if w.actor.StaffID != "" {
			if err := w.visit(ctx, "correct", "supply:"+w.request); err != nil {
				return err
			}
		}
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			for _, f := range files {
				if ref, ok := licenceRef(f); ok && !f.Removed && slices.Contains(came, f.Material) { // its holder sees what it was used for
					if err := s.Licences.UseTx(ctx, tx, w.now, ref, w.c.ID, w.by); err != nil {
						return err
					}
				}
			}
			return nil
		})
		w.inform("case.supplied", map[string]string{"reason": w.materialNames(came)})
		w.tell(func() event.Event {
			return SuppliedEvent{Fact: w.fact(), Materials: came, Left: len(w.owing().missing)}
		})
		return nil
	})
}

// coming gives the materials that are handed in now.
func (w *work) coming(files []File, wanted []string) ([]string, error) {
	o := w.owing()
	if o.from.IsZero() || len(o.missing) == 0 {
		return nil, errs.New(errs.Conflict, "cases.nothing_owed")
	}
	var fs []Finding
	var out []string
	for _, key := range o.missing {
		there := slices.ContainsFunc(files, func(f File) bool { return f.Material == key && !f.Removed })
		switch asked := slices.Contains(wanted, key); {
		case there && (asked || len(wanted) == 0):
			out = append(out, key)
		case asked:
			fs = append(fs, Finding{Path: "material." + key, Key: "cases.material_missing", Params: errs.P{"material": w.materialNames([]string{key})}})
		}
	}
	for _, key := range wanted {
		if !slices.Contains(o.missing, key) {
			fs = append(fs, Finding{Path: "material." + key, Key: "cases.no_such_material"})
		}
	}
	if len(fs) == 0 && len(out) == 0 {
		fs = append(fs, Finding{Path: "material." + o.missing[0], Key: "cases.material_missing", Params: errs.P{"material": w.materialNames(o.missing)}})
	}
	return out, errs.Fields("cases.incomplete", fs)
}

// maySupply checks who hands in: whoever fills the application in, or a window that may receive or accept.
func (w *work) maySupply(ctx context.Context) error {
	if writes(w.actor, w.view, w.was) {
		return w.fills(ctx)
	}
	if w.officer(flow.Receive) != nil && w.officer(flow.Accept) != nil {
		return noRight(flow.Receive)
	}
	return nil
}

// filing loads a case for who adds or takes away a file: any while it is written on, after the acceptance those of a material that is missing.
func (s *Service) filing(ctx context.Context, a authz.Actor, id, material string) (*work, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if !w.owes(material) {
		return w, w.writing(ctx, ActSave)
	}
	if err := w.maySupply(ctx); err != nil {
		return nil, err
	}
	w.act = ActSupply
	_, err = next(w.was.State, ActSupply)
	return w, err
}

// touchLater stands for files that are added to an accepted case.
const touchLater = "later"

// touches names the states in which files of this source may change.
func (w *work) touches(source string) string {
	if w.act == ActSupply {
		return touchLater
	}
	return source
}

// given reports whether a file was handed in: one that lies ready for a missing material is not yet.
func (w *work) given(f File) bool {
	return handedIn(w.was, f) && !(f.Round >= w.was.Round && w.owes(f.Material))
}
