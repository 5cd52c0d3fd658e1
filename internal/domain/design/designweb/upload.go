package designweb

import (
	"io"
	"net/http"

	"tongban/internal/base/errs"
	"tongban/internal/domain/pack"
)

const maxFolder = pack.MaxZip

// uploaded reads a file of a form that was read; errs.Invalid "design.no_upload" when none was chosen.
func uploaded(r *http.Request, name string, limit int64) (data []byte, file string, err error) {
	missing := errs.Fields("design.no_upload", []errs.Field{{Path: name, Key: "design.no_upload"}})
	if r.MultipartForm == nil {
		return nil, "", missing
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	f, head, err := r.FormFile(name)
	if err != nil {
		return nil, "", missing
	}
	defer func() { _ = f.Close() }()
	data, err = io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errs.New(errs.TooLarge, "design.file_large")
	}
	return data, head.Filename, err
}
