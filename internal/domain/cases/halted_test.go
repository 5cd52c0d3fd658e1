package cases_test

import (
	"testing"

	"tongban/internal/domain/catalog"
)

func TestASuspendedItemTakesNoApplications(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		open := k.submitted(person, "open")
		d, err := k.CreateDraft(ctx, person, "food", "before")
		k.ok(err)
		it := k.items.all["food"]
		it.State = catalog.Suspended
		k.items.all["food"] = it

		_, err = k.CreateDraft(ctx, person, "food", "after")
		k.refused(err, "catalog.halted")
		_, err = k.Submit(ctx, person, d.ID, d.Version)
		k.refused(err, "catalog.halted")
		if _, err := k.Case(ctx, person, d.ID); err != nil { // what was filled in stays
			t.Errorf("the draft: %v", err)
		}
		if again, err := k.Submit(ctx, person, open.CaseID, 1); err != nil || again.CaseNo != open.CaseNo {
			t.Errorf("a case that was sent before: %+v %v", again, err)
		}
	})
}
