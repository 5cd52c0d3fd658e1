package cases

import (
	"context"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/paper"
)

// Word gives the text key under which the name of a state, an outcome or an act is said of a matter of this nature (许可 准予许可, 登记 予以登记, 备案 予以备案,
// 给付 准予给付, 确认 予以确认, 服务 办结). It is the one place that decides: where a nature has no word of its own, the neutral one stands.
func Word(nature, key string) string {
	if own := key + "_" + nature; nature != "" && i18n.Has(own) {
		return own
	}
	return key
}

// StateKey is the text key of the state's name, in the words of the item's nature.
func (c Case) StateKey() string { return Word(c.Nature, c.State.Key()) }

// OutcomeKey is the text key of what was decided; without an outcome it means nothing.
func (c Case) OutcomeKey() string { return Word(c.Nature, c.Outcome.Key()) }

// ActKey is the text key of an act's name.
func (c Case) ActKey(a Act) string { return Word(c.Nature, a.Key()) }

// Status puts state and outcome into words: 已决定 · 予以备案.
func (c Case) Status(ctx context.Context) string {
	out := i18n.T(ctx, c.StateKey())
	if c.Outcome != "" {
		out += " · " + i18n.T(ctx, c.OutcomeKey())
	}
	return out
}

// StateKey is the text key of the state's name.
func (p Progress) StateKey() string { return Word(p.Nature, p.State.Key()) }

// OutcomeKey is the text key of what was decided.
func (p Progress) OutcomeKey() string { return Word(p.Nature, p.Outcome.Key()) }

// StageKey is the text key of a stage's name.
func (p Progress) StageKey(stage string) string { return Word(p.Nature, "cases.stage_"+stage) }

// word gives a text of this case in Chinese, for papers and messages.
func (w *work) word(key string) string { return cn(Word(w.c.Nature, key)) }

// notNow says what is refused in the words of the item's nature.
func (w *work) notNow(err error) error {
	e := errs.As(err)
	if e == nil || e.Key != "cases.not_now" {
		return err
	}
	c := *e
	c.Params = errs.P{}
	for k, v := range e.Params {
		if key, ok := v.(i18n.Key); ok {
			v = i18n.Key(Word(w.c.Nature, string(key)))
		}
		c.Params[k] = v
	}
	return &c
}

// decidedWords are the places of a message about a decision: what was decided, and which remedies there are, if any.
func (w *work) decidedWords(in Decision) map[string]string {
	en := i18n.In(i18n.English, Word(w.c.Nature, w.c.Outcome.Key()))
	return map[string]string{
		"outcome": w.word(w.c.Outcome.Key()), "outcome_en": strings.ToUpper(en[:1]) + en[1:], "reason": in.Reason,
		"remedies": paper.Remedies(w.agency, w.c.Nature),
	}
}

// variantOf says which paper of a grant it is: a grant in part names what was not granted, and the remedies.
func variantOf(o Outcome) string {
	if o == Partly {
		return string(Partly)
	}
	return ""
}

// groundWords is what the paper of a refusal to accept says for its ground, each the ground's own (行政许可法 第三十二条, 第七十八条, 第七十九条).
func (w *work) groundWords(r Refusal) map[string]string {
	text := i18n.In(i18n.Chinese, Word(w.c.Nature, "cases.refusal_"+r.Ground), errs.P{"item": w.c.ItemName, "authority": r.RightAuthority, "reason": r.Reason})
	return map[string]string{"reason": text, "right_authority": r.RightAuthority, "basis": w.groundBasis(r.Ground)}
}

// groundBasis is the law a refusal to accept rests on. The law of licences is for licences alone; of anything else it is the item's own.
func (w *work) groundBasis(ground string) string {
	if w.c.Nature != item.NatureLicence {
		return w.basis()
	}
	return cn("cases.refusal_basis_" + ground)
}
