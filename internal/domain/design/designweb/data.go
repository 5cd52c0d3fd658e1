package designweb

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/base/web"
	"tongban/internal/domain/design"
)

// maxData is the largest definition that is taken, in bytes.
const maxData = 2 << 20

// dataAnswer is what the designers get when they saved: the revision to save over next, and what is wrong with the definition.
type dataAnswer struct {
	Rev      int           `json:"rev"`
	Problems []dataProblem `json:"problems"`
}

// dataProblem is one finding; Path is a JSON pointer into the definition.
type dataProblem struct {
	Path string `json:"path"`
	Key  string `json:"key"`
	Text string `json:"text"`
}

// dataConflict is what the second of two editors gets: both texts, and the revision to save over once they are merged.
type dataConflict struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Rev    int    `json:"rev"`
	By     string `json:"by,omitempty"` // name of who saved it
	Theirs any    `json:"theirs"`
	Mine   any    `json:"mine"`
}

type dataRequest struct {
	Definition json.RawMessage `json:"definition"`
	Rev        int             `json:"rev"`
}

// dataHandler saves one definition; forms, flows, papers, licence types, tables and scenarios all go through it. The page carries what is there.
func (h *Handler) dataHandler(k design.Kind) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error { return h.putData(w, r, k) }
}

func (h *Handler) putData(w http.ResponseWriter, r *http.Request, k design.Kind) error {
	ctx, a := r.Context(), actor(r)
	if _, err := h.design.Change(ctx, a, idOf(r)); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, maxData+1))
	if err != nil || len(b) > maxData {
		return errs.New(errs.TooLarge, "design.file_large")
	}
	var in dataRequest
	if err := json.Unmarshal(b, &in); err != nil {
		return errs.Wrap(err, errs.BadRequest, "design.bad_json", errs.P{"detail": err.Error()})
	}
	v, err := design.Parse(k, in.Definition)
	if err != nil {
		return err
	}
	rev, err := h.design.Define(ctx, a, idOf(r), k, r.PathValue("key"), in.Rev, v)
	var moved *design.Moved
	if errors.As(err, &moved) {
		return h.dataMoved(w, r, k, moved, v)
	}
	if err != nil {
		return err
	}
	f, err := h.design.Locate(ctx, a, idOf(r), k, r.PathValue("key"))
	if err != nil {
		return err
	}
	ps, err := h.dataProblems(r, f.Path)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, dataAnswer{Rev: rev, Problems: ps})
}

func (h *Handler) dataMoved(w http.ResponseWriter, r *http.Request, k design.Kind, m *design.Moved, mine any) error {
	out := dataConflict{Code: "design.moved", Detail: i18n.Err(r.Context(), m), Rev: m.Rev, By: h.staffName(r.Context(), m.By), Mine: mine}
	if theirs, f, err := h.design.Definition(r.Context(), actor(r), idOf(r), k, r.PathValue("key")); err == nil {
		out.Theirs, out.Rev = theirs, f.Rev
	}
	return web.JSON(w, http.StatusConflict, out)
}

// dataProblems gives what the rooms and engines find in one file, in words.
func (h *Handler) dataProblems(r *http.Request, path string) ([]dataProblem, error) {
	ps, err := h.design.ProblemsOf(r.Context(), actor(r), idOf(r), path)
	out := make([]dataProblem, 0, len(ps))
	if err != nil || len(ps) == 0 {
		return out, err
	}
	w, err := h.words(r, idOf(r))
	if err != nil {
		return out, err
	}
	for _, p := range ps {
		out = append(out, dataProblem{Path: p.Pointer, Key: p.Key, Text: w.Text(p)})
	}
	return out, nil
}

func problemText(r *http.Request, p packfile.Problem) string { return t(r.Context(), p.Key, p.Params) }
