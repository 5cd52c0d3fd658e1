package counter

import (
	"context"
	"io"
	"slices"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
)

// The bounds of what one phone may send for one case.
const (
	PhoneFor   = 10 * time.Minute
	PhoneFiles = 30
	PhoneBytes = 150 << 20
)

// Phone is a short time in which a visitor's phone may send pages for one case.
type Phone struct {
	ID      string    `json:"id"`
	CaseID  string    `json:"case_id"`
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`
	Closed  time.Time `json:"closed,omitzero"`
	Files   int       `json:"files"` // taken so far, also those that were thrown away

	staff, agency string
	bytes         int64
}

// Open reports whether the phone may still send.
func (p Phone) Open(now time.Time) bool {
	return p.Closed.IsZero() && now.Before(p.Expires) && p.Files < PhoneFiles
}

// The states of a page.
const (
	PageWaiting = "waiting"
	PageTaken   = "taken"
	PageDropped = "dropped"
)

// PhonePage is one file a phone sent.
type PhonePage struct {
	ID       string    `json:"id"`
	PhoneID  string    `json:"-"`
	CaseID   string    `json:"-"`
	Material string    `json:"material"`
	Name     string    `json:"name"`
	Size     int64     `json:"size"`
	MIME     string    `json:"mime"`
	State    string    `json:"state"`
	FileID   string    `json:"file,omitempty"` // of the case, once taken
	At       time.Time `json:"at"`
	blobID   string
}

// OpenPhone lets the visitor's phone send pages for a case the clerk enters; one that is open already is given again. token is what the QR code
// carries. Errors: those of cases.Wants, counter.phone_nothing when the case takes no files.
func (s *Service) OpenPhone(ctx context.Context, a authz.Actor, caseID string) (p Phone, err error) {
	if err := s.clerk(a); err != nil {
		return p, err
	}
	_, wants, err := s.d.Cases.Wants(ctx, a, caseID)
	if err != nil {
		return p, err
	}
	if len(wants) == 0 {
		return p, errs.New(errs.Conflict, "counter.phone_nothing")
	}
	now := s.now()
	if p, err = s.openPhone(ctx, caseID, a.StaffID, now.UnixMilli()); errs.KindOf(err) != errs.NotFound {
		return p, err
	}
	p = Phone{ID: ident.New(), CaseID: caseID, Made: now, Expires: now.Add(PhoneFor), staff: a.StaffID, agency: a.AgencyID}
	return p, s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := putPhoneTx(ctx, tx, p, s.hash("token", s.Token(p.ID))); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.phone_open", Object: "case:" + caseID})
	})
}

// Token is the secret of a phone's address. It is made of the id with the vault's key, so that the clerk's page can show the QR code again although the
// database holds only a hash of it.
func (s *Service) Token(phoneID string) string { return s.hash("phone", phoneID) }

// Phone gives one of the clerk's own, with what it sent; the look is on record.
func (s *Service) Phone(ctx context.Context, a authz.Actor, id string) (Phone, []PhonePage, []cases.Wanted, error) {
	p, err := s.ownPhone(ctx, a, id)
	if err != nil {
		return p, nil, nil, err
	}
	_, wants, err := s.d.Cases.Wants(ctx, a, p.CaseID)
	if err != nil && !refused(err) { // it was sent meanwhile: what came can still be seen
		return p, nil, nil, err
	}
	ps, err := s.pages(ctx, p.ID)
	return p, ps, wants, err
}

func (s *Service) ownPhone(ctx context.Context, a authz.Actor, id string) (Phone, error) {
	if err := s.clerk(a); err != nil {
		return Phone{}, err
	}
	p, err := s.findPhone(ctx, "id", id)
	if err == nil && p.staff != a.StaffID {
		err = notFound()
	}
	return p, err
}

// ClosePhone ends it; what came stays for the clerk to confirm. Closing again changes nothing.
func (s *Service) ClosePhone(ctx context.Context, a authz.Actor, id string) error {
	p, err := s.ownPhone(ctx, a, id)
	if err != nil || !p.Closed.IsZero() {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := closePhoneTx(ctx, tx, id, s.now().UnixMilli()); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.phone_close", Object: "case:" + p.CaseID})
	})
}

// PhoneView is all a phone is shown: what the matter is called, what is wanted, and what it sent itself.
type PhoneView struct {
	Item    string
	Wants   []cases.Wanted
	Pages   []PhonePage
	Expires time.Time
	Left    int
}

// Seen gives what the phone with a token may see. Errors: errs.NotFound counter.phone_unknown for a wrong token, errs.Gone counter.phone_over once the
// time is over, the clerk closed it or the case was sent.
func (s *Service) Seen(ctx context.Context, token string) (PhoneView, error) {
	p, item, wants, err := s.byToken(ctx, token)
	if err != nil {
		return PhoneView{}, err
	}
	ps, err := s.pages(ctx, p.ID)
	ps = slices.DeleteFunc(ps, func(x PhonePage) bool { return x.State == PageDropped })
	return PhoneView{Item: item, Wants: wants, Pages: ps, Expires: p.Expires, Left: PhoneFiles - p.Files}, err
}

// forClerk is the clerk on whose word a phone sends: what they may do for the case is asked anew each time.
func (p Phone) forClerk() authz.Actor {
	return authz.Actor{StaffID: p.staff, AgencyID: p.agency, Roles: []authz.Role{authz.Clerk}, Via: "phone"}
}

func (s *Service) byToken(ctx context.Context, token string) (Phone, string, []cases.Wanted, error) {
	p, err := s.findPhone(ctx, "token", s.hash("token", token))
	switch {
	case errs.KindOf(err) == errs.NotFound:
		return p, "", nil, errs.New(errs.NotFound, "counter.phone_unknown")
	case err != nil:
		return p, "", nil, err
	case !p.Closed.IsZero() || !s.now().Before(p.Expires):
		return p, "", nil, errs.New(errs.Gone, "counter.phone_over")
	}
	item, wants, err := s.d.Cases.Wants(ctx, p.forClerk(), p.CaseID)
	if refused(err) {
		return p, "", nil, errs.New(errs.Gone, "counter.phone_over")
	}
	return p, item, wants, err
}

// SendPage takes one page from a phone, under the checks of any other upload; it waits until the clerk confirms it. The same key again gives the same
// page. Errors: those of Seen, cases.no_such_material, counter.phone_full, and those of cases.Attach about the file.
func (s *Service) SendPage(ctx context.Context, origin, token, key, material, name string, body io.Reader) (PhonePage, error) {
	p, _, wants, err := s.byToken(ctx, token)
	if err != nil {
		return PhonePage{}, err
	}
	if key == "" || len(key) > 200 {
		return PhonePage{}, errs.New(errs.BadRequest, "cases.client_key")
	}
	ps, err := s.pages(ctx, p.ID)
	if err != nil {
		return PhonePage{}, err
	}
	i := slices.IndexFunc(wants, func(w cases.Wanted) bool { return w.Key == material })
	if i < 0 {
		return PhonePage{}, errs.New(errs.NotFound, "cases.no_such_material")
	}
	want := wants[i]
	if p.Files >= PhoneFiles || p.bytes >= PhoneBytes {
		return PhonePage{}, errs.New(errs.Conflict, "counter.phone_full", errs.P{"max": PhoneFiles})
	}
	if n := want.Have + waitingFor(ps, material); n >= want.MaxFiles {
		return PhonePage{}, errs.New(errs.Conflict, "cases.too_many_files", errs.P{"max": want.MaxFiles, "material": want.Name})
	}
	in, mime, limit, err := want.CheckUpload(cases.Upload{Material: material, Name: name, Body: body})
	if err != nil {
		return PhonePage{}, err
	}
	ref, err := s.d.Blobs.Put(ctx, in, mime, min(limit, PhoneBytes-p.bytes))
	if err != nil {
		return PhonePage{}, err
	}
	x := PhonePage{ID: ident.New(), PhoneID: p.ID, CaseID: p.CaseID, Material: material, Name: cases.FileName(name), Size: ref.Size, MIME: mime, State: PageWaiting, At: s.now(), blobID: ref.ID}
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := countPageTx(ctx, tx, p.ID, ref.Size, x.At.UnixMilli()); err != nil {
			return err
		}
		if err := s.putPageTx(ctx, tx, x, key, origin); err != nil {
			return err
		}
		if err := s.d.Blobs.KeepTx(ctx, tx, x.At, ref, "counter:"+p.ID); err != nil {
			return err
		}
		e := audit.Entry{Actor: "phone:" + p.ID, OnBehalf: "staff:" + p.staff, Act: "counter.phone_page", Object: "case:" + p.CaseID, Via: "phone", Agency: p.agency}
		return audit.Tx(ctx, tx, x.At, e.From(s.d.Vault, origin))
	})
	if db.Unique(err) { // the same page came twice
		return s.pageByKey(ctx, p.ID, key)
	}
	return x, err
}

func waitingFor(ps []PhonePage, material string) (n int) {
	for _, p := range ps {
		if p.Material == material && p.State == PageWaiting {
			n++
		}
	}
	return n
}

// TakePage confirms a page: it becomes a file of the case with the source "phone". Taking it again changes nothing.
func (s *Service) TakePage(ctx context.Context, a authz.Actor, phoneID, pageID string) error {
	x, err := s.ownPage(ctx, a, phoneID, pageID)
	switch {
	case err != nil || x.State == PageTaken:
		return err
	case x.State == PageDropped:
		return errs.New(errs.Conflict, "counter.page_dropped")
	}
	body, err := s.d.Blobs.Get(x.blobID)
	if err != nil {
		return err
	}
	defer body.Close()
	f, err := s.d.Cases.Attach(ctx, a, x.CaseID, cases.Upload{Material: x.Material, ClientKey: "phone:" + x.ID, Name: x.Name, Size: x.Size, Body: body, Source: cases.SourcePhone})
	if err != nil {
		return err
	}
	return s.settle(ctx, a, x, PageTaken, f.ID)
}

// DropPage throws a page away. Doing it again changes nothing.
func (s *Service) DropPage(ctx context.Context, a authz.Actor, phoneID, pageID string) error {
	x, err := s.ownPage(ctx, a, phoneID, pageID)
	switch {
	case err != nil || x.State == PageDropped:
		return err
	case x.State == PageTaken:
		return errs.New(errs.Conflict, "counter.page_taken")
	}
	return s.settle(ctx, a, x, PageDropped, "")
}

func (s *Service) settle(ctx context.Context, a authz.Actor, x PhonePage, state, file string) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := settlePageTx(ctx, tx, x.ID, state, file); err != nil {
			return err
		}
		if err := s.d.Blobs.DropTx(ctx, tx, x.blobID); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.page_" + state, Object: "case:" + x.CaseID})
	})
}

func (s *Service) ownPage(ctx context.Context, a authz.Actor, phoneID, pageID string) (PhonePage, error) {
	p, err := s.ownPhone(ctx, a, phoneID)
	if err != nil {
		return PhonePage{}, err
	}
	ps, err := s.pages(ctx, p.ID)
	if err != nil {
		return PhonePage{}, err
	}
	i := slices.IndexFunc(ps, func(x PhonePage) bool { return x.ID == pageID })
	if i < 0 {
		return PhonePage{}, notFound()
	}
	return ps[i], nil
}

// PageFile opens a page that waits, for the clerk to look at; the look is on record. The caller closes it.
func (s *Service) PageFile(ctx context.Context, a authz.Actor, phoneID, pageID string) (PhonePage, io.ReadCloser, error) {
	x, err := s.ownPage(ctx, a, phoneID, pageID)
	if err != nil {
		return x, nil, err
	}
	if x.State != PageWaiting {
		return x, nil, notFound()
	}
	e := audit.Entry{Actor: a.Name(), Object: "case:" + x.CaseID, What: "counter.read_page", Via: a.Via, Agency: a.AgencyID}
	if err := s.d.Audit.Read(ctx, e.From(s.d.Vault, a.Origin)); err != nil {
		return x, nil, err
	}
	r, err := s.d.Blobs.Get(x.blobID)
	return x, r, err
}
