package designweb

import (
	"io"
	"net/http"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/engine/form"
)

// importAnswer is what was read from a spreadsheet of questions. Nothing is stored: the designer takes the sections over.
type importAnswer struct {
	Sections  []form.Section `json:"sections"`
	Questions int            `json:"questions"`
	Remarks   []remark       `json:"remarks"`
	Detail    string         `json:"detail,omitempty"` // why the file could not be read
}

// remark is one thing that was not as expected, with its place; everything else of the row was taken.
type remark struct {
	Row    int    `json:"row"`    // as the spreadsheet counts, from 1; 0: the whole file
	Column string `json:"column"` // heading or letter
	Text   string `json:"text"`
}

// formImport reads questions from XLSX or CSV.
func (h *Handler) formImport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := h.design.Change(ctx, actor(r), idOf(r)); err != nil {
		return err
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	defer file.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(file, maxSheet))
	if err != nil {
		return err
	}
	g, err := readGrid(data)
	if err != nil {
		return web.JSON(w, http.StatusUnprocessableEntity, importAnswer{Detail: i18n.Err(ctx, err)})
	}
	m := importer{ctx: ctx, grid: g, form: r.PathValue("key"), library: h.library(ctx)}
	out, err := m.read()
	if err != nil {
		return web.JSON(w, http.StatusUnprocessableEntity, importAnswer{Detail: i18n.Err(ctx, err)})
	}
	return web.JSON(w, http.StatusOK, out)
}
