package elsewhereweb

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/signedcall"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/elsewhere"
)

// Config is what the pages and endpoints need.
type Config struct {
	Elsewhere *elsewhere.Service
	// File opens a file of a case for the system that handles it.
	File func(ctx context.Context, system, caseID, fileID string) (cases.File, io.ReadCloser, error)
	Now  func() time.Time
}

type handlers struct {
	Config
	mu     sync.Mutex
	guards map[string]*signedcall.Guard // by system and key: a new key forgets nothing that matters
}

// eventsPerMinute is what one system may send; after a day without a line it has much to tell.
const eventsPerMinute = 60000

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := &handlers{Config: c, guards: map[string]*signedcall.Guard{}}
	return []web.Route{
		web.To("POST /api/v1/elsewhere/{system}/events", authz.Public, h.event, web.CrossSite(), web.PerMinute(eventsPerMinute)),
		web.To("GET /api/v1/elsewhere/{system}/cases/{id}/files/{file}", authz.Public, h.file, web.PerMinute(eventsPerMinute)),
		web.To("GET /ops/elsewhere", authz.Operate, h.stuck),
		web.To("POST /ops/elsewhere/in/{id}", authz.Operate, h.again),
		web.To("POST /ops/elsewhere/out/{id}", authz.Operate, h.sendAgain),
		web.To("POST /ops/elsewhere/systems/{system}/reconcile", authz.Operate, h.reconcile),
		web.To("GET /admin/elsewhere", authz.ClientAdmin, h.systems),
		web.To("POST /admin/elsewhere", authz.ClientAdmin, h.register),
		web.To("POST /admin/elsewhere/{system}/key", authz.ClientAdmin, h.rekey),
	}
}

// signed reads the body and finds the system that signed the request. Who cannot prove to be it is told no more than that.
func (h *handlers) signed(r *http.Request) (elsewhere.System, []byte, error) {
	refused := errs.New(errs.Unauthorized, "elsewhere.not_signed")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return elsewhere.System{}, nil, err
	}
	sys, err := h.Elsewhere.System(r.Context(), r.PathValue("system"))
	if errs.KindOf(err) == errs.NotFound || err == nil && sys.Disabled {
		return sys, nil, refused
	}
	if err != nil {
		return sys, nil, err
	}
	switch h.guard(sys).Check(r, body) {
	case "":
		return sys, body, nil
	case "replay":
		return sys, nil, errs.New(errs.Unauthorized, "elsewhere.replayed")
	}
	return sys, nil, refused
}

func (h *handlers) guard(s elsewhere.System) *signedcall.Guard {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := s.Key + "\x00" + s.Secret()
	if h.guards[id] == nil {
		h.guards[id] = &signedcall.Guard{KeyID: s.Key, Key: []byte(s.Secret()), Now: h.Now}
	}
	return h.guards[id]
}

// event takes one event. Whatever it says, it is kept and answered with 202; what cannot be applied is parked.
func (h *handlers) event(w http.ResponseWriter, r *http.Request) error {
	sys, body, err := h.signed(r)
	if err != nil {
		return err
	}
	t, err := h.Elsewhere.Take(r.Context(), sys, body)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusAccepted, t)
}

// file gives a file of a submission.
func (h *handlers) file(w http.ResponseWriter, r *http.Request) error {
	sys, _, err := h.signed(r)
	if err != nil {
		return err
	}
	f, body, err := h.File(r.Context(), sys.Key, r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	defer body.Close()
	return web.File(w, f.Name, f.MIME, false, body)
}
