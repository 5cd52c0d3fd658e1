package cases

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/flow"
)

// The limits of uploads where a material sets none.
const (
	defaultMB    = 20
	defaultFiles = 5
	maxPhotos    = 30
)

var defaultFormats = []string{"pdf", "jpg", "png"}

// Attach stores an upload for a material. The kind is told from the content, never from the name; the same ClientKey again gives the same file.
// Errors: cases.no_such_material, cases.from_licence (it must be taken from the library), cases.file_kind{formats}, cases.file_program,
// cases.too_many_files{max}, base.too_large, base.upload_cut, base.disk_full.
func (s *Service) Attach(ctx context.Context, a authz.Actor, id string, u Upload) (File, error) {
	w, err := s.filing(ctx, a, id, u.Material)
	if err != nil {
		return File{}, err
	}
	if f, ok, err := s.uploaded(ctx, w, u.ClientKey); err != nil || ok {
		return f, err
	}
	m, ok := w.item.Material(u.Material)
	if u.Material == BasisKey {
		m, ok = w.basisMaterial()
	}
	if !ok || m.Source == catalog.FromPlatform {
		return File{}, errs.New(errs.NotFound, "cases.no_such_material")
	}
	if m.Source == catalog.FromLicence {
		re, err := s.reusable(ctx, w, m)
		if err != nil {
			return File{}, err
		}
		if !re.Away && (w.c.Channel != Window || len(re.Proofs) > 0) { // at the window a copy is taken of what no register knows
			return File{}, errs.New(errs.Conflict, "cases.from_licence", errs.P{"material": m.Name})
		}
	}
	return s.store(ctx, w, m, sourceOf(a, u), u)
}

// sourceOf is where an upload comes from: nobody but a clerk confirms what a phone sent.
func sourceOf(a authz.Actor, u Upload) string {
	if u.Source == SourcePhone && a.StaffID != "" {
		return SourcePhone
	}
	return SourceUpload
}

// AttachPhoto stores a photograph of an inspection, for officers who may inspect.
func (s *Service) AttachPhoto(ctx context.Context, a authz.Actor, id string, u Upload) (File, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return File{}, err
	}
	if err := w.officer(flow.Inspect); err != nil {
		return File{}, err
	}
	if _, err := next(w.was.State, ActInspect); err != nil {
		return File{}, err
	}
	if f, ok, err := s.uploaded(ctx, w, u.ClientKey); err != nil || ok {
		return f, err
	}
	m := catalog.Material{Key: PhotoKey, Name: cn("cases.photo"), Formats: []string{"jpg", "png"}, MaxMB: defaultMB, MaxFiles: maxPhotos}
	return s.store(ctx, w, m, SourceOfficer, u)
}

func (s *Service) uploaded(ctx context.Context, w *work, key string) (File, bool, error) {
	if key == "" || len(key) > 200 {
		return File{}, false, errs.New(errs.BadRequest, "cases.client_key")
	}
	return s.fileByKey(ctx, w.c.ID, key)
}

// store checks and keeps the bytes, then writes the row: a file that is lost in between is swept, a row never names a missing file.
func (s *Service) store(ctx context.Context, w *work, m catalog.Material, source string, u Upload) (File, error) {
	limit := int64(m.MaxMB) << 20
	if limit <= 0 {
		limit = defaultMB << 20
	}
	if u.Size > limit {
		return File{}, errs.New(errs.TooLarge, "base.too_large", errs.P{"max": blob.Human(limit)})
	}
	body, mime, err := sniff(m, u)
	if err != nil {
		return File{}, err
	}
	ref, err := s.Blobs.Put(ctx, body, mime, limit)
	if err != nil {
		return File{}, err
	}
	if u.Size > 0 && ref.Size < u.Size {
		return File{}, errs.New(errs.BadRequest, "base.upload_cut")
	}
	f := File{ID: ident.New(), Material: m.Key, Source: source, Name: fileName(u.Name), Size: ref.Size, MIME: mime, Added: w.now, Round: w.c.Round, blobID: ref.ID, digest: ref.SM3}
	most := m.MaxFiles
	if most <= 0 {
		most = defaultFiles
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.touchFilesTx(ctx, tx, w.c.ID, w.touches(source), db.Millis(w.now)); err != nil {
			return err
		}
		if n, err := countFiles(ctx, tx, w.c.ID, m.Key); err != nil || n >= most {
			return orErr(err, errs.New(errs.Conflict, "cases.too_many_files", errs.P{"max": most, "material": m.Name}))
		}
		if err := s.putFileTx(ctx, tx, w.c.ID, u.ClientKey, w.by, f); err != nil {
			return err
		}
		if err := s.Blobs.KeepTx(ctx, tx, w.now, ref, "cases:"+w.c.ID); err != nil {
			return err
		}
		return w.auditTx(ctx, tx, "attach")
	})
	if db.Unique(err) {
		f, _, err = s.fileByKey(ctx, w.c.ID, u.ClientKey)
	}
	return f, err
}

func orErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// sniff reads the first bytes, tells what the file is, and gives a reader of all of it.
func sniff(m catalog.Material, u Upload) (io.Reader, string, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(u.Body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, "", err
	}
	head = head[:n]
	formats := m.Formats
	if len(formats) == 0 {
		formats = defaultFormats
	}
	p := errs.P{"formats": strings.ToUpper(strings.Join(formats, "、")), "material": m.Name}
	if n == 0 {
		return nil, "", errs.New(errs.Invalid, "cases.file_empty", p)
	}
	ext, mime := blob.Sniff(head)
	switch {
	case program(head):
		return nil, "", errs.New(errs.Invalid, "cases.file_program", p)
	case ext == "" || !slices.ContainsFunc(formats, func(f string) bool { return ext == strings.Replace(strings.ToLower(f), "jpeg", "jpg", 1) }):
		return nil, "", errs.New(errs.Invalid, "cases.file_kind", p)
	}
	return io.MultiReader(bytes.NewReader(head), u.Body), mime, nil
}

// program reports the beginnings of programs and archives, whatever the file is called.
func program(head []byte) bool {
	for _, magic := range []string{"MZ", "\x7fELF", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe", "#!", "PK\x03\x04", "Rar!", "7z\xbc\xaf", "\x1f\x8b"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// fileName keeps what a person will know their file by: no folders, no invisible characters, at most 150 characters.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(strings.ToValidUTF8(s, ""), `\`, "/"))
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff {
			return -1
		}
		return r
	}, s)
	if rs := []rune(s); len(rs) > 150 {
		s = string(rs[:100]) + "…" + string(rs[len(rs)-40:])
	}
	if s == "" || s == "." || s == "/" {
		return cn("cases.unnamed_file")
	}
	return s
}

// Reusable gives what can stand in for a licence material: licences of the library, then documents of the registers. Numbers are masked.
func (s *Service) Reusable(ctx context.Context, a authz.Actor, id, material string) (Reusable, error) {
	w, err := s.filing(ctx, a, id, material)
	if err != nil {
		return Reusable{}, err
	}
	m, ok := w.item.Material(material)
	if !ok || m.Source != catalog.FromLicence {
		return Reusable{}, errs.New(errs.NotFound, "cases.no_such_material")
	}
	re, err := s.reusable(ctx, w, m)
	for i := range re.Proofs {
		re.Proofs[i] = w.shownProof(re.Proofs[i])
	}
	return re, err
}

func (s *Service) reusable(ctx context.Context, w *work, m catalog.Material) (Reusable, error) {
	var out Reusable
	ls, err := s.Licences.Usable(ctx, w.c.summary.Number, m.LicenceType)
	if err != nil {
		return out, err
	}
	for _, l := range ls {
		out.Proofs = append(out.Proofs, Proof{Ref: "licence:" + l.ID, Name: l.TypeName, Number: l.Number, Holder: l.HolderName, ValidUntil: l.ValidUntil})
	}
	docs, err := s.People.HeldDocuments(ctx, w.c.PersonID, w.c.FirmID)
	away := errs.KindOf(err) == errs.Unavailable
	if err != nil && !away {
		return out, err
	}
	for _, d := range docs {
		if d.Type == m.LicenceType && (d.ValidUntil == "" || d.ValidUntil >= today(w.now)) {
			out.Proofs = append(out.Proofs, Proof{Ref: "register:" + d.Type, Name: m.Name, Number: d.Number, Holder: d.Holder, ValidUntil: d.ValidUntil})
		}
	}
	out.Away = away && len(out.Proofs) == 0
	return out, nil
}

// SeenOriginal is the reference with which a clerk says that the original of a licence no register knows was shown at the window.
const SeenOriginal = "original"

// UseLicence links a licence or register document (Proof.Ref) to a material; doing it again changes nothing. A link takes the place of an older one.
// At the window the reference may be SeenOriginal.
func (s *Service) UseLicence(ctx context.Context, a authz.Actor, id, material, ref string) (File, error) {
	w, err := s.filing(ctx, a, id, material)
	if err != nil {
		return File{}, err
	}
	m, ok := w.item.Material(material)
	if !ok || m.Source != catalog.FromLicence {
		return File{}, errs.New(errs.NotFound, "cases.no_such_material")
	}
	all, err := s.findFiles(ctx, s.DB.R(), id)
	if err != nil {
		return File{}, err
	}
	if i := slices.IndexFunc(all, func(f File) bool { return !f.Removed && f.Material == material && f.Proof != nil && f.Proof.Ref == ref }); i >= 0 {
		return all[i], nil
	}
	if ref == SeenOriginal && w.c.Channel == Window && a.StaffID != "" {
		return s.link(ctx, w, linked(w, material, Proof{Ref: ref, Name: m.Name, Holder: w.c.summary.Name}), all)
	}
	re, err := s.reusable(ctx, w, m)
	if err != nil {
		return File{}, err
	}
	i := slices.IndexFunc(re.Proofs, func(p Proof) bool { return p.Ref == ref })
	if i < 0 {
		return File{}, errs.New(errs.Conflict, "cases.licence_unusable", errs.P{"material": m.Name})
	}
	return s.link(ctx, w, linked(w, material, re.Proofs[i]), all)
}

// linked is the file that stands for a document nobody has to upload.
func linked(w *work, material string, p Proof) File {
	return File{ID: ident.New(), Material: material, Source: SourceLicence, Name: p.Name, Added: w.now, Round: w.c.Round, Proof: &p}
}

func (s *Service) link(ctx context.Context, w *work, f File, all []File) (File, error) {
	return f, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.touchFilesTx(ctx, tx, w.c.ID, w.touches(SourceLicence), db.Millis(w.now)); err != nil {
			return err
		}
		for _, old := range all {
			if old.Material == f.Material && !old.Removed {
				if err := s.removeFileTx(ctx, tx, w.c, old); err != nil {
					return err
				}
			}
		}
		if err := s.putLinkTx(ctx, tx, w, f); err != nil {
			return err
		}
		return w.auditTx(ctx, tx, "use_licence")
	})
}

func (s *Service) putLinkTx(ctx context.Context, tx *db.Tx, w *work, f File) error {
	if err := s.putFileTx(ctx, tx, w.c.ID, "licence:"+f.ID, w.by, f); err != nil || f.Proof.Ref != SeenOriginal {
		return err
	}
	return checkFileTx(ctx, tx, f.ID, w.actor.StaffID, db.Millis(w.now))
}

// takeKnown links what the registers and the library already know to the licence materials nobody has linked: who was verified need not choose
// their own identity card. Which ones it did is part of the submission.
func (w *work) takeKnown(ctx context.Context, files []File) ([]File, error) {
	for _, m := range w.item.MaterialsFor(w.answer()) {
		if m.Source != catalog.FromLicence || m.Required != catalog.RequiredYes || slices.ContainsFunc(files, func(f File) bool { return f.Material == m.Key && !f.Removed }) {
			continue
		}
		re, err := w.s.reusable(ctx, w, m)
		if err != nil {
			return nil, err
		}
		if len(re.Proofs) == 0 {
			continue
		}
		f := linked(w, m.Key, re.Proofs[0])
		files = append(files, f)
		w.effect(func(ctx context.Context, tx *db.Tx) error { return w.s.putLinkTx(ctx, tx, w, f) })
	}
	return files, nil
}

// RemoveMaterial takes a file away; one that is gone already is no error. What was submitted before stays in the record.
func (s *Service) RemoveMaterial(ctx context.Context, a authz.Actor, id, fileID string) error {
	f, ferr := s.file(ctx, id, fileID)
	w, err := s.filing(ctx, a, id, f.Material) // of no file: as while it is written on
	if err != nil {
		return err
	}
	if errs.KindOf(ferr) == errs.NotFound || ferr == nil && f.Removed {
		return nil
	}
	if ferr != nil {
		return ferr
	}
	if f.Source == SourceOfficer {
		return notFound()
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.touchFilesTx(ctx, tx, id, w.touches(f.Source), db.Millis(w.now)); err != nil {
			return err
		}
		if err := s.removeFileTx(ctx, tx, w.c, f); err != nil {
			return err
		}
		return w.auditTx(ctx, tx, "remove_material")
	})
}

// MarkOriginal records that the original of a file was seen at the window, by whom and when; the first time counts.
func (s *Service) MarkOriginal(ctx context.Context, a authz.Actor, id, fileID string) (File, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return File{}, err
	}
	if w.officer(flow.Receive) != nil && w.officer(flow.Accept) != nil {
		return File{}, noRight(flow.Receive)
	}
	if _, err := next(w.was.State, ActMarkChecked); err != nil {
		return File{}, err
	}
	f, err := s.file(ctx, id, fileID)
	if err != nil || !f.Checked.IsZero() {
		return f, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := checkFileTx(ctx, tx, f.ID, a.StaffID, db.Millis(w.now)); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, w.now, w.actEntry(ActMarkChecked))
	})
	if err != nil {
		return f, err
	}
	return s.file(ctx, id, fileID)
}

// MaterialFile opens a file for who may see the case; the caller closes it. Reading is on record before the first byte leaves.
func (s *Service) MaterialFile(ctx context.Context, a authz.Actor, id, fileID string) (File, io.ReadCloser, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return File{}, nil, err
	}
	if err := w.readable(ctx); err != nil {
		return File{}, nil, err
	}
	f, err := s.file(ctx, id, fileID)
	if err != nil {
		return File{}, nil, err
	}
	// Photographs belong to the agency's inspection, supervisors judge clocks, and what is changed under correction is not handed in yet.
	if f.blobID == "" || w.view == asSupervisor || f.Source == SourceOfficer && w.view != asStaff ||
		(w.view == asStaff || w.view == asInformed || w.view == asConsulted) && !writes(a, w.view, w.was) && f.Source != SourceOfficer && !w.given(f) {
		return File{}, nil, notFound()
	}
	if err := s.Audit.Read(ctx, s.readEntry(a, w.c.Case, "cases.read_file")); err != nil {
		return File{}, nil, err
	}
	r, err := s.Blobs.Get(f.blobID)
	return f, r, err
}

// handedIn reports whether a file was part of a submission; while an application is being corrected the new files are not.
func handedIn(r record, f File) bool { return r.State != Correction || f.Round < r.Round }
