package cases

import (
	"context"
	"io"

	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
)

// Wanted is a material that may be sent from the visitor's phone, with its limits.
type Wanted struct {
	Key, Name, Fill string
	Formats         []string
	MaxMB, MaxFiles int
	Required        bool
	Have            int // files that are there
}

// Wants lists the materials of a case that are handed in as files now, for the clerk who enters it. Errors: those of Case, cases.not_yours_to_fill, and
// a state error when nothing can be added any more.
func (s *Service) Wants(ctx context.Context, a authz.Actor, id string) (item string, out []Wanted, err error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return "", nil, err
	}
	if err := w.writing(ctx, ActSave); err != nil {
		return "", nil, err
	}
	files, err := s.findFiles(ctx, s.DB.R(), id)
	if err != nil {
		return "", nil, err
	}
	ms := w.item.MaterialsFor(w.answer())
	if m, ok := w.basisMaterial(); ok {
		ms = append(ms, m)
	}
	for _, m := range ms {
		if m.Source != catalog.FromApplicant {
			continue
		}
		x := Wanted{Key: m.Key, Name: m.Name, Fill: m.Fill, Formats: m.Formats, MaxMB: m.MaxMB, MaxFiles: m.MaxFiles, Required: m.Required == catalog.RequiredYes}
		if len(x.Formats) == 0 {
			x.Formats = defaultFormats
		}
		if x.MaxMB <= 0 {
			x.MaxMB = defaultMB
		}
		if x.MaxFiles <= 0 {
			x.MaxFiles = defaultFiles
		}
		for _, f := range files {
			if f.Material == m.Key && !f.Removed {
				x.Have++
			}
		}
		out = append(out, x)
	}
	return w.item.Name, out, nil
}

// CheckUpload tells what an upload for a material is, before anything of it is kept: the same checks as Attach makes. Errors are those of Attach.
func (x Wanted) CheckUpload(u Upload) (body io.Reader, mime string, limit int64, err error) {
	m := catalog.Material{Key: x.Key, Name: x.Name, Formats: x.Formats}
	limit = int64(x.MaxMB) << 20
	if u.Size > limit {
		return nil, "", 0, errs.New(errs.TooLarge, "base.too_large", errs.P{"max": blob.Human(limit)})
	}
	body, mime, err = sniff(m, u)
	return body, mime, limit, err
}

// FileName is the name a file is kept under.
func FileName(name string) string { return fileName(name) }
