package deskweb

import (
	"context"
	"net/http"

	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
)

type servedKey struct{}

// served is what the pages of one request know of who is being served.
type served struct{ who *Served }

// atCounter puts who is being served into the request of a window's page; the pages themselves need not carry it.
func (h handlers) atCounter(next web.Handler) web.Handler {
	if h.Served == nil {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := h.Served(r.Context(), actor(r))
		if err != nil {
			return err
		}
		return next(w, r.WithContext(context.WithValue(r.Context(), servedKey{}, served{s})))
	}
}

// servedKept reports whether somebody keeps who is served: then the pages lead there.
func servedKept(ctx context.Context) bool {
	_, ok := ctx.Value(servedKey{}).(served)
	return ok
}

func servedOf(ctx context.Context) *Served {
	s, _ := ctx.Value(servedKey{}).(served)
	return s.who
}

// photographed reports whether a material may be photographed with a phone.
func photographed(m materialView) bool { return m.Material.Source == catalog.FromApplicant }
