package licenceweb

import (
	"context"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/licence"
)

// life adds the dated changes of a licence with their papers, and the way to the one that took its place.
func (p pages) life(ctx context.Context, l licence.Licence, v *oneView) error {
	cs, err := p.Licences.Changes(ctx, l.ID)
	if err != nil {
		return err
	}
	for _, c := range cs {
		v.Life = append(v.Life, []ui.Cell{{Text: minute(c.At)}, {Text: t(ctx, "licence.kind_"+c.Kind)}, {Text: groundText(ctx, c)}, paperCell(ctx, c)})
	}
	if l.State != licence.Superseded {
		return nil
	}
	next, err := p.Licences.Follower(ctx, l.ID)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	v.Next = "/my/licences/" + next.ID
	return err
}

// groundText is the letter of the law and the reason of a change.
func groundText(ctx context.Context, c licence.Change) string {
	key := "cases.take_ground_" + c.Ground
	switch {
	case c.Ground == "" || !i18n.Has(key):
		return c.Reason
	case c.Reason == "" || c.Reason == t(ctx, key):
		return t(ctx, key)
	}
	return t(ctx, key) + "：" + c.Reason
}

// paperCell leads to the paper of a change, or to the application it came from.
func paperCell(ctx context.Context, c licence.Change) ui.Cell {
	switch {
	case c.PaperID != "":
		return ui.Cell{Text: t(ctx, "licence.paper_open"), Href: "/papers/" + c.PaperID + ".pdf"}
	case c.CaseID != "":
		return ui.Cell{Text: t(ctx, "licence.case_open"), Href: "/my/cases/" + c.CaseID}
	}
	return ui.Cell{}
}
