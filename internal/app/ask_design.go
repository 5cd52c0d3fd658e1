package app

import (
	"context"

	"tongban/internal/base/ui"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/engine/form"
)

// ruleFacts are what the rules judge an item by.
func (a *App) ruleFacts(ctx context.Context) rule.Facts {
	f := a.Catalog.RuleFacts(ctx)
	f.Licence = func(key string) bool { return a.Licence.HasKey(ctx, "licence_type", key) }
	return f
}

// warned says in the log that a list of choices stayed empty.
func (a *App) warned(what string, err error) {
	if err != nil {
		a.opts.Log.Warn("choices", "what", what, "err", err)
	}
}

func (a *App) licenceOptions(ctx context.Context) []ui.Option {
	ts, err := a.Licence.Types(ctx)
	a.warned("licence types", err)
	var out []ui.Option
	for _, t := range ts {
		out = append(out, ui.Option{Value: t.Key, Label: t.Name})
	}
	return out
}

// publishedForms are the newest versions of all forms: their questions are offered again.
func (a *App) publishedForms(ctx context.Context) []form.Definition {
	fs, err := a.Catalog.Forms(ctx)
	a.warned("forms", err)
	return fs
}

// onlineItems lists the items that can be applied for here.
func (a *App) onlineItems(ctx context.Context) []ui.Option {
	page, err := a.Catalog.Search(ctx, catalog.Query{Online: catalog.OnlineFull, Limit: 200})
	a.warned("items", err)
	var out []ui.Option
	for _, it := range page.Items {
		out = append(out, ui.Option{Value: it.Key, Label: it.Name})
	}
	return out
}
