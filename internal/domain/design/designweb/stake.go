package designweb

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/design"
)

// factsOf are the facts of a change; of a suspension, a cancellation or a resumption what it is about comes first.
func (h *Handler) factsOf(ctx context.Context, a authz.Actor, c design.Change) ([]ui.KVRow, error) {
	rows := h.facts(ctx, c)
	if c.Act == design.Publish {
		return rows, nil
	}
	st, err := h.design.Stake(ctx, a, c.ID)
	if err != nil {
		return nil, err
	}
	about := []ui.KVRow{
		{Key: t(ctx, "design.col_act"), Value: t(ctx, "design.act_"+string(c.Act))},
		{Key: t(ctx, "design.col_item"), Value: st.Item},
		{Key: t(ctx, "design.col_now"), Value: t(ctx, "catalog.state_"+st.Now)},
	}
	if c.Effective.IsZero() {
		about = append(about, ui.KVRow{Key: t(ctx, "design.col_from"), Value: t(ctx, "design.from_publish")})
	}
	about = append(about, ui.KVRow{Key: t(ctx, "design.new_reason"), Value: c.Reason})
	if st.Instead != "" {
		about = append(about, ui.KVRow{Key: t(ctx, "design.new_instead"), Value: st.Instead})
	}
	return append(about, rows...), nil
}

// effects say what a change of an item's state means for applicants, open cases and drafts; none for a change that publishes files.
func (h *Handler) effects(ctx context.Context, a authz.Actor, c design.Change) ([]ui.KVRow, error) {
	if c.Act == design.Publish {
		return nil, nil
	}
	st, err := h.design.Stake(ctx, a, c.ID)
	if err != nil {
		return nil, err
	}
	var out []ui.KVRow
	for _, what := range []string{"new", "cases", "drafts", "rest"} {
		out = append(out, ui.KVRow{Key: t(ctx, "design.effect_"+what), Value: t(ctx, "design.effect_"+string(c.Act)+"_"+what)})
	}
	if st.Instead != "" {
		out[0].Value += t(ctx, "design.effect_instead", errs.P{"name": st.Instead})
	}
	return out, nil
}
