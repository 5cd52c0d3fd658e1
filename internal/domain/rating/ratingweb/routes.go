package ratingweb

import (
	"net/http"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/rating"
	"tongban/internal/engine/clock"
)

type handlers struct {
	svc *rating.Service
}

// Routes is the room's route table.
func Routes(s *rating.Service) []web.Route {
	h := handlers{s}
	return []web.Route{
		web.To("GET /my/cases/{id}/rate", authz.RatingGive, h.rate),
		web.To("POST /my/cases/{id}/rate", authz.RatingGive, h.give),
		web.To("GET /ratings", authz.Public, h.figures),
		web.To("GET /desk/ratings", authz.CaseDesk, h.desk),
		web.To("GET /desk/ratings/{id}", authz.CaseDesk, h.bad),
		web.To("POST /desk/ratings/{id}/verify", authz.CaseDesk, h.verify),
		web.To("POST /desk/ratings/{id}/answer", authz.CaseDesk, h.answer),
	}
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

// day writes a date as people read it; a zero time is empty.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format(time.DateOnly)
}
