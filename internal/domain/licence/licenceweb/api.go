package licenceweb

import (
	"errors"
	"io"
	"net/http"
	"reflect"

	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/licence"
	"tongban/internal/engine/seal"
)

// Answer is the judgement of a file as programs get it, the same as `tongban verify --json`.
type Answer struct {
	Status string       `json:"status" enum:"valid,revoked,expired,forged,unknown"`
	Test   bool         `json:"test" doc:"signed with test keys: without legal force"`
	Checks []seal.Check `json:"checks"`
}

func typeOf(v any) reflect.Type { return reflect.TypeOf(v) }

func (p pages) api(w http.ResponseWriter, r *http.Request) error {
	file, err := readFile(r)
	if err != nil {
		return err
	}
	rep, err := p.Licences.Verify(r.Context(), file)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, Answer{rep.Status, rep.Test, rep.Checks})
}

// readFile takes the field "file" of a multipart form into memory, at most licence.MaxVerify bytes; nothing touches the disk. Without one it
// returns errs.BadRequest "licence.no_file".
func readFile(r *http.Request) ([]byte, error) {
	none := errs.New(errs.BadRequest, "licence.no_file")
	form, err := r.MultipartReader()
	if err != nil {
		return nil, none
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, none
		}
		if err != nil {
			return nil, cut(err)
		}
		if part.FormName() != "file" {
			continue
		}
		b, err := io.ReadAll(io.LimitReader(part, licence.MaxVerify+1))
		switch {
		case err != nil:
			return nil, cut(err)
		case len(b) > licence.MaxVerify:
			return nil, errs.New(errs.TooLarge, "base.too_large", errs.P{"max": blob.Human(licence.MaxVerify)})
		case len(b) == 0:
			return nil, none
		}
		return b, nil
	}
}

// cut: a body over the route's limit stays what it is; everything else is a form that broke off.
func cut(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return err
	}
	return errs.Wrap(err, errs.BadRequest, "base.upload_cut")
}
