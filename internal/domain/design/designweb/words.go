package designweb

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"tongban/internal/base/ui"
	"tongban/internal/domain/design"
)

// words puts the keys of a change into words: agencies, posts, windows, licences and items have names here.
func (h *Handler) words(r *http.Request, id string) (*design.Words, error) {
	ctx := r.Context()
	licences := sync.OnceValue(func() []ui.Option { return listed(ctx, h.cfg.Licences) })
	items := sync.OnceValue(func() []ui.Option { return listed(ctx, h.cfg.Items) })
	return h.design.Words(ctx, actor(r), id, func(kind, key string) string {
		switch kind {
		case "agency":
			if g, err := h.offices.Agency(ctx, key); err == nil {
				return g.Name
			}
		case "post":
			for _, p := range h.offices.Posts(ctx, "") {
				if p.Key == key {
					return p.Name
				}
			}
		case "window":
			for _, w := range h.offices.Windows(ctx, "") {
				if w.Key == key {
					return strings.TrimSpace(w.Hall + " " + w.Name)
				}
			}
		case string(design.LicenceFile):
			return labelOf(licences(), key)
		case "item":
			return labelOf(items(), key)
		}
		return ""
	})
}

// listed asks for a list that may be missing.
func listed(ctx context.Context, list func(context.Context) []ui.Option) []ui.Option {
	if list == nil {
		return nil
	}
	return list(ctx)
}

func labelOf(options []ui.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return ""
}

// inCode finds what is no text for people: places to fill in and keys. Pages set it as code.
var inCode = regexp.MustCompile(`\{\{[^{}]*\}\}|\{[a-z_]+(?::[0-9]+)?\}|[a-z][a-z0-9]*(?:[._-][a-z0-9]+)+`)

// piece is a run of a text; Code is set in <code>.
type piece struct {
	Text string
	Code bool
}

func pieces(s string) []piece {
	var out []piece
	end := 0
	for _, m := range inCode.FindAllStringIndex(s, -1) {
		if m[0] > end {
			out = append(out, piece{Text: s[end:m[0]]})
		}
		out = append(out, piece{s[m[0]:m[1]], true})
		end = m[1]
	}
	if end < len(s) {
		out = append(out, piece{Text: s[end:]})
	}
	return out
}
