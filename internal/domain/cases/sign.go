package cases

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/form"
)

// Signatures asks people to sign with a second key and knows what they signed. Ask gives the address of the page on which exactly text is shown
// and signed, and which leads back afterwards. Signed is asked with the same words: a different text is not signed.
type Signatures interface {
	Ask(ctx context.Context, a authz.Actor, object, title, text, back string) (url string, err error)
	Signed(ctx context.Context, a authz.Actor, object, text string) (id string, ok bool, err error)
}

// Signature is the electronic signature of one submission.
type Signature struct {
	ID    string    `json:"id"` // of the evidence
	Round int       `json:"round"`
	At    time.Time `json:"at"`   // of the submission
	By    string    `json:"-"`    // person:<id>
	Text  string    `json:"text"` // exactly what was signed; empty for staff and supervisors
}

// Signing is what has to be signed before an application can be sent.
type Signing struct {
	Title string
	Text  string
	ID    string // of the signature, when these words are signed already
}

// signs reports whether the submission under way needs a signature: on line, where the item has a declaration to sign, a commitment is made (告知承诺)
// or materials are promised for later (容缺受理). At the window people sign on paper.
func (w *work) signs() bool {
	return w.c.Channel == Online && w.actor.PersonID != "" && (w.item.Sign || w.promises() || len(w.chosen.Later) > 0)
}

// signObject names what is signed; one for each submission.
func (w *work) signObject() string { return fmt.Sprintf("case:%s:%d", w.c.ID, w.c.Round+1) }

// ToSign gives the words to sign before Submit or Resubmit, checked as they check; needed is false where nothing is signed. Errors besides those
// of Submit: cases.sign_unavailable, cases.out_of_scope, base.level_needed.
func (s *Service) ToSign(ctx context.Context, a authz.Actor, id string) (sg Signing, needed bool, err error) {
	w, err := s.writable(ctx, a, id, ActSave)
	if err != nil {
		return Signing{}, false, err
	}
	w.sends()
	if !w.signs() {
		return Signing{}, false, nil
	}
	files, err := w.prepare(ctx)
	if err != nil {
		return Signing{}, true, err
	}
	sg, err = w.signing(ctx, files)
	return sg, true, err
}

// AskSignature gives the address where the application is signed; back is where that page leads afterwards. Empty where nothing is to be signed.
func (s *Service) AskSignature(ctx context.Context, a authz.Actor, id, back string) (string, error) {
	sg, needed, err := s.ToSign(ctx, a, id)
	if err != nil || !needed {
		return "", err
	}
	if sg.ID != "" {
		return back, nil
	}
	w, err := s.load(ctx, a, id)
	if err != nil {
		return "", err
	}
	return s.Signatures.Ask(ctx, a, w.signObject(), sg.Title, sg.Text, back)
}

// signing makes the words and asks whether they are signed.
func (w *work) signing(ctx context.Context, files []File) (Signing, error) {
	if w.s.Signatures == nil {
		return Signing{}, errs.New(errs.Unavailable, "cases.sign_unavailable", errs.P{"item": w.c.ItemName})
	}
	if err := w.takes(ctx, authz.ActSign); err != nil {
		return Signing{}, err
	}
	text, err := w.signText(ctx, files)
	if err != nil {
		return Signing{}, err
	}
	sg := Signing{Title: short(w.c.ItemName, mostTitle), Text: text}
	id, ok, err := w.s.Signatures.Signed(ctx, w.actor, w.signObject(), text)
	if ok {
		sg.ID = id
	}
	return sg, err
}

// mostTitle is how many characters of an item's name head the page on which it is signed; the words to sign name it whole.
const mostTitle = 80

func short(s string, most int) string {
	if rs := []rune(s); len(rs) > most {
		return string(rs[:most-1]) + "…"
	}
	return s
}

// sign makes sure that exactly what is sent is signed, and stores which signature it is with the submission. Errors: cases.sign_needed.
func (w *work) sign(ctx context.Context, files []File) error {
	if !w.signs() {
		return nil
	}
	sg, err := w.signing(ctx, files)
	if err != nil {
		return err
	}
	if sg.ID == "" {
		return errs.New(errs.Conflict, "cases.sign_needed", errs.P{"item": w.c.ItemName})
	}
	g := Signature{ID: sg.ID, Round: w.c.Round + 1, At: w.now, By: w.by, Text: sg.Text}
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		if err := w.s.putSignatureTx(ctx, tx, w.c.ID, g); err != nil {
			return err
		}
		return w.s.actedTx(ctx, tx, w, string(actSign))
	})
	return nil
}

// signText is what the signer sees, in Chinese as papers are: who applies for what, what is declared and promised, and the digest of everything
// that is sent with it. The clock is not in it: it must come out the same when the submission is checked.
func (w *work) signText(ctx context.Context, files []File) (string, error) {
	digest, err := w.signDigest(files)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	line := func(key, value string) { b.WriteString(cn("cases.sign_"+key) + value + "\n") }
	line("item", w.c.ItemName)
	line("code", first(w.item.VariantCode, w.item.Code))
	line("agency", w.c.AgencyName)
	line("applicant", w.c.summary.Name+"（"+w.shownNumber()+"）")
	if by := w.agentWords(); by != "" {
		line("agent", by)
	}
	line("declares", cn("cases.sign_declaration"))
	for _, d := range w.declared() {
		line("declares", d)
	}
	if c := w.item.Commitment; w.promises() {
		for _, x := range c.Told {
			line("told", x)
		}
		for _, x := range c.Promised {
			line("promises", x)
		}
		line("consequence", c.Consequence)
	}
	if err := w.signLater(ctx, files, line); err != nil {
		return "", err
	}
	line("materials", w.fileWords(files))
	b.WriteString(cn("cases.sign_digest") + digest)
	return b.String(), nil
}

// shownNumber is the applicant's number as papers show it.
func (w *work) shownNumber() string {
	if w.c.ApplicantKind == ByFirm {
		return w.c.summary.Number
	}
	return cnid.MaskID(w.c.summary.Number)
}

// declared are the declarations of the form that were ticked.
func (w *work) declared() []string {
	var out []string
	for _, sec := range w.form.Sections {
		for _, f := range sec.Fields {
			if v, ok := w.c.content.Form[f.Key].(bool); f.Kind == form.Declaration && ok && v {
				out = append(out, f.Label)
			}
		}
	}
	return out
}

// signDigest is the SM3 of the item, the applicant, every answer and every file.
func (w *work) signDigest(files []File) (string, error) {
	type piece struct{ Material, File string }
	var pieces []piece
	for _, f := range files {
		sum, err := w.s.sumOf(f)
		if err != nil {
			return "", err
		}
		pieces = append(pieces, piece{f.Material, sum})
	}
	slices.SortFunc(pieces, func(a, b piece) int { return strings.Compare(a.Material+"\x00"+a.File, b.Material+"\x00"+b.File) })
	body, err := json.Marshal(map[string]any{ // maps are written with sorted keys
		"item": w.c.ItemKey, "item_version": w.c.ItemVersion, "form_version": w.c.FormVersion, "round": w.c.Round + 1,
		"applicant": w.c.summary.Number, "name": w.c.summary.Name, "agent": w.c.summary.Actor,
		"scenario": w.c.content.Scenario, "form": w.c.content.Form, "contact": w.c.content.Contact, "files": pieces,
	})
	if err != nil {
		return "", err
	}
	sum := sm3.Sum(body)
	return hex.EncodeToString(sum[:]), nil
}

// sumOf is the SM3 of a file's bytes, or what names a document nobody uploaded.
func (s *Service) sumOf(f File) (string, error) {
	if f.Proof != nil {
		return f.Proof.Ref + " " + f.Proof.Number, nil
	}
	if f.digest != "" {
		return f.digest, nil
	}
	r, err := s.Blobs.Get(f.blobID)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }() // only read
	h := sm3.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
