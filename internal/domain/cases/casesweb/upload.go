package casesweb

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// uploaded is what a multipart post held besides its files.
type uploaded struct {
	act, key, material string // button, client key, the material the last file was for
	files              int
}

// upload takes files for a material, or removes one. Files stream through: none is held in memory or written in plain.
func (h handlers) upload(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	up, err := h.readUpload(r, d.ID)
	if id, ok := removal(up.act); ok && err == nil {
		up.material = id.material
		err = h.Cases.RemoveMaterial(r.Context(), authz.From(r.Context()), d.ID, id.file)
	} else if err == nil && up.files == 0 {
		up.material = strings.TrimPrefix(up.act, "upload:material.")
		err = errs.New(errs.Invalid, "casesweb.no_file")
	}
	if err != nil {
		_, _ = io.Copy(io.Discard, r.Body) // the browser reads our answer only after it has sent everything
		return h.slotFailed(w, r, d, up.material, err)
	}
	return web.SeeOther(w, r, draftHref(d.ID, pageMaterials)+"#"+slotAnchor(up.material))
}

// slotFailed shows the materials again with what went wrong; errors that are no fault of the file go up.
func (h handlers) slotFailed(w http.ResponseWriter, r *http.Request, d cases.Detail, key string, err error) error {
	st := web.StatusOf(err)
	if st == http.StatusInternalServerError || st == http.StatusNotFound {
		return err
	}
	now, lerr := h.own(r) // files before the bad one are there
	if lerr != nil || !editable(now) {
		return err
	}
	return h.drawMaterials(w, r, now, &slotError{key: key, err: shown(err)})
}

// shown gives net/http's own errors our words.
func shown(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return errs.Wrap(err, errs.TooLarge, "base.too_large", errs.P{"max": strconv.FormatInt(big.Limit>>20, 10) + " MB"})
	}
	return err
}

func (h handlers) readUpload(r *http.Request, id string) (up uploaded, err error) {
	mr, err := r.MultipartReader()
	if err != nil {
		return up, errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	up.key = ident.Secret(12)
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return up, nil
		}
		if err != nil {
			return up, cut(err)
		}
		if err := h.readPart(r, id, part, &up); err != nil {
			return up, err
		}
	}
}

func (h handlers) readPart(r *http.Request, id string, part *multipart.Part, up *uploaded) error {
	name := part.FormName()
	if key, ok := strings.CutPrefix(name, "material."); ok && part.FileName() != "" {
		up.material = key
		up.files++
		_, err := h.Cases.Attach(r.Context(), authz.From(r.Context()), id, cases.Upload{
			Material: key, ClientKey: up.key + ":" + key + ":" + strconv.Itoa(up.files), Name: part.FileName(), Body: part,
		})
		return cut(err)
	}
	switch name {
	case "_key":
		return small(part, &up.key)
	case "_act":
		return small(part, &up.act)
	}
	return nil
}

// small reads a short text part.
func small(part *multipart.Part, into *string) error {
	b, err := io.ReadAll(io.LimitReader(part, 400))
	if err == nil && len(b) > 0 {
		*into = string(b)
	}
	return cut(err)
}

// cut tells a body that ended in the middle from other failures.
func cut(err error) error {
	if err != nil && errs.As(err) == nil && errors.Is(err, io.ErrUnexpectedEOF) {
		return errs.Wrap(err, errs.BadRequest, "base.upload_cut")
	}
	return err
}

// removed names a file of a material, as the button rm:material.KEY:FILE does.
type removed struct{ material, file string }

func removal(act string) (removed, bool) {
	rest, ok := strings.CutPrefix(act, "rm:material.")
	if !ok {
		return removed{}, false
	}
	key, file, ok := strings.Cut(rest, ":")
	return removed{key, file}, ok
}
