package factor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
)

const declared = "本人承诺：\n一、所填内容真实；\n二、愿意承担“不实承诺”的后果 <&>。"

func (w *world) ask() string {
	w.t.Helper()
	id, err := w.s.AskSignature(w.t.Context(), person, factor.Ask{Object: "case:c1", Title: "告知承诺书", Text: declared, Back: "/cases/c1"})
	must(w.t, err)
	return id
}

// signer is a world in which the owner can sign in every way.
func signer(t testing.TB, d *db.DB) (*world, map[string]func(id string) error) {
	a := newAuthority(t, factor.SM2)
	w := newWorld(t, d, func(d *factor.Deps) { d.Roots = [][]byte{a.pem()} })
	dev := w.enrol(owner)
	must(t, w.s.SetSignPassword(t.Context(), person, owner, nil, good2))
	k := newKey(t, factor.SM2)
	der := a.issue(k.Public())
	bind, err := w.s.BeginCertificate(t.Context(), owner)
	must(t, err)
	_, err = w.s.AddCertificate(t.Context(), person, owner, bind.ID, der, signText(t, k, bind.Text))
	must(t, err)
	return w, map[string]func(id string) error{
		factor.ByPasskey: func(id string) error {
			c, err := w.s.BeginSignPasskey(t.Context(), owner, id)
			if err != nil {
				return err
			}
			return w.s.FinishSignPasskey(t.Context(), person, owner, id, c.ID, dev.sign(t, c))
		},
		factor.ByPassword: func(id string) error { return w.s.SignWithPassword(t.Context(), person, owner, id, good2) },
		factor.ByCertificate: func(id string) error {
			p, err := w.s.Paper(t.Context(), owner, id)
			must(t, err)
			return w.s.SignWithCertificate(t.Context(), person, owner, id, der, signText(t, k, string(p.Envelope.Bytes())))
		},
	}
}

func TestEachWayOfSigningLeavesEvidenceThatVerifiesOffline(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w, ways := signer(t, d)
		for method, sign := range ways {
			id := w.ask()
			if _, err := w.s.Evidence(t.Context(), id); errs.KindOf(err) != errs.NotFound {
				t.Errorf("%s: evidence before the signature: %v", method, err)
			}
			w.now = w.now.Add(time.Minute)
			must(t, sign(id))
			if err := sign(id); !errs.Is(err, "factor.paper_done") {
				t.Errorf("%s: signed twice: %v", method, err)
			}
			g, ok, err := w.s.SignatureOf(t.Context(), owner, "case:c1", strings.ReplaceAll(declared, "\n", "\r\n"))
			if err != nil || !ok || g.ID != id || g.Method != method || !g.At.Equal(w.now) {
				t.Errorf("%s: %+v, %v, %v", method, g, ok, err)
			}
			file, err := w.s.Evidence(t.Context(), id)
			must(t, err)
			r := factor.VerifyEvidence(file, w.trust)
			if !r.OK || r.Envelope.Text != declared || r.Envelope.Owner != owner || r.Method != method || !r.Signed.Equal(w.now.Truncate(time.Second)) {
				t.Errorf("%s: %+v", method, r)
			}
			if (method == factor.ByCertificate) != strings.Contains(r.Holder, "王小梅") || !strings.Contains(r.Sealer, "清澜政务平台") {
				t.Errorf("%s: holder %q, sealer %q", method, r.Holder, r.Sealer)
			}
		}
		for _, text := range []string{declared + " ", strings.Replace(declared, "一", "二", 1)} {
			if _, ok, err := w.s.SignatureOf(t.Context(), owner, "case:c1", text); ok || err != nil {
				t.Errorf("another text counts as signed: %v", err)
			}
		}
		if _, ok, _ := w.s.SignatureOf(t.Context(), other, "case:c1", declared); ok {
			t.Error("counts as signed by another")
		}
		if n := dbtest.Count(t, d, "factor_signature", "CAST(envelope AS TEXT) LIKE '%承诺%' OR CAST(evidence AS TEXT) LIKE '%envelope%'"); n != 0 {
			t.Error("the text is readable")
		}
		w.wantAudit("signed", 3)
		w.wantTold("signed", 3)
	})
}

func TestEvidenceWithOneByteChangedFails(t *testing.T) {
	w, ways := signer(t, dbtest.SQLite(t, all...))
	for method, sign := range ways {
		id := w.ask()
		must(t, sign(id))
		file, err := w.s.Evidence(t.Context(), id)
		must(t, err)
		for i := range file {
			if method != factor.ByPasskey && i%5 > 0 { // the forms are the same; one of them is tried at every byte
				continue
			}
			bad := bytes.Clone(file)
			bad[i] ^= []byte{1, 0x20}[i%2]
			if r := factor.VerifyEvidence(bad, w.trust); r.OK {
				t.Fatalf("%s: byte %d (%q) changed and still good", method, i, file[max(0, i-10):min(len(file), i+10)])
			}
		}
		for name, bad := range map[string][]byte{"empty": nil, "cut": file[:len(file)-1], "space": append(bytes.Clone(file), ' '), "twice": append(bytes.Clone(file), file...)} {
			if factor.VerifyEvidence(bad, w.trust).OK {
				t.Errorf("%s: %s is good", method, name)
			}
		}
		if factor.VerifyEvidence(file, factor.Trust{Seals: w.trust.Holders, Holders: w.trust.Seals}).OK {
			t.Errorf("%s: authorities of people seal for the platform", method)
		}
		if factor.VerifyEvidence(file, factor.Trust{}).OK {
			t.Errorf("%s: good though nobody is trusted", method)
		}
	}
}

// Whoever holds the platform's seal cannot lend a passkey's signature to another text.
func TestTheSealAloneMakesNoPasskeySignature(t *testing.T) {
	w, ways := signer(t, dbtest.SQLite(t, all...))
	id := w.ask()
	must(t, ways[factor.ByPasskey](id))
	file, err := w.s.Evidence(t.Context(), id)
	must(t, err)
	var m map[string]any
	must(t, json.Unmarshal(file, &m))
	envelope := strings.Replace(m["envelope"].(string), "愿意", "不愿", 1)
	forged := bytes.Replace(file, mustJSON(t, m["envelope"]), mustJSON(t, envelope), 1)
	body := append(bytes.Clone(forged[:bytes.LastIndex(forged, []byte(`,"seal":"`))]), '}')
	cms, err := w.deps.Seal(t.Context(), body)
	must(t, err)
	forged = append(append(forged[:bytes.LastIndex(forged, []byte(`,"seal":`))], `,"seal":`...), append(mustJSON(t, cms), '}')...)
	r := factor.VerifyEvidence(forged, w.trust)
	if r.OK || len(r.Checks) < 5 || !r.Checks[len(r.Checks)-1].OK {
		t.Errorf("%+v", r)
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return b
}

func TestWhatCannotBeSigned(t *testing.T) {
	w, ways := signer(t, dbtest.SQLite(t, all...))
	for name, k := range map[string]factor.Ask{
		"no text":   {Object: "case:1", Title: "t", Text: " \n"},
		"no title":  {Object: "case:1", Text: "x"},
		"an object": {Object: "case 1", Title: "t", Text: "x"},
		"too long":  {Object: "case:1", Title: "t", Text: strings.Repeat("长", 30_000)},
		"broken":    {Object: "case:1", Title: "t", Text: "a\xff"},
	} {
		if _, err := w.s.AskSignature(t.Context(), person, k); !errs.Is(err, "factor.ask_bad") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.s.AskSignature(t.Context(), authz.Actor{}, factor.Ask{Object: "case:1", Title: "t", Text: "x"}); errs.KindOf(err) != errs.Unauthorized {
		t.Errorf("a visitor: %v", err)
	}
	id := w.ask()
	if _, err := w.s.Paper(t.Context(), other, id); errs.KindOf(err) != errs.NotFound {
		t.Errorf("another's paper: %v", err)
	}
	if err := w.s.SignWithPassword(t.Context(), person, owner, id, good); !errs.Is(err, "factor.sign_password_wrong") {
		t.Errorf("a wrong secret: %v", err)
	}
	if err := w.s.SignWithApp(t.Context(), person, owner, id, "123456"); !errs.Is(err, "factor.totp_wrong") {
		t.Errorf("without an app: %v", err)
	}
	c, err := w.s.BeginSignPasskey(t.Context(), owner, w.ask())
	must(t, err)
	if err := w.s.FinishSignPasskey(t.Context(), person, owner, id, c.ID, []byte("{}")); !errs.Is(err, "factor.challenge_gone") {
		t.Errorf("another paper's challenge: %v", err)
	}
	must(t, w.s.RefuseSignature(t.Context(), person, owner, id))
	if err := ways[factor.ByPassword](id); !errs.Is(err, "factor.paper_done") {
		t.Errorf("after it was refused: %v", err)
	}
	late := w.ask()
	w.now = w.now.Add(time.Hour + time.Second)
	if err := ways[factor.ByPassword](late); !errs.Is(err, "factor.paper_late") {
		t.Errorf("after an hour: %v", err)
	}
	w.deps.Seal = func(context.Context, []byte) ([]byte, error) { return nil, errors.New("module away") }
	s2, err := factor.New(w.deps)
	must(t, err)
	if err := s2.SignWithPassword(t.Context(), person, owner, w.ask(), good2); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("without a seal: %v", err)
	}
	if n := dbtest.Count(t, w.d, "factor_signature", "state = 'signed'"); n != 0 {
		t.Errorf("%d signatures", n)
	}
}

// What a reader cannot see is not signed: it could turn the text round, or hide a line.
func TestOnlyWhatCanBeSeenIsSigned(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	const sent, shown = "\n\n同意\u202e不\u2066\u200b同意\r\n第\x00二\ufeff行\u0085", "同意不同意\n第二行"
	id, err := w.s.AskSignature(t.Context(), person, factor.Ask{Object: "case:c1", Title: " 承\n诺 ", Text: sent})
	must(t, err)
	p, err := w.s.Paper(t.Context(), owner, id)
	if err != nil || p.Envelope.Text != shown || p.Envelope.Title != "承 诺" {
		t.Errorf("%q, %q, %v", p.Envelope.Text, p.Envelope.Title, err)
	}
	must(t, w.s.SetSignPassword(t.Context(), person, owner, nil, good2))
	must(t, w.s.SignWithPassword(t.Context(), person, owner, id, good2))
	if _, ok, err := w.s.SignatureOf(t.Context(), owner, "case:c1", sent); !ok || err != nil {
		t.Errorf("the text as it was sent: %v, %v", ok, err)
	}
}

func TestAnEnvelopeHasOneForm(t *testing.T) {
	e := factor.Envelope{Site: site, Owner: owner, For: "firm:f1", Object: "case:c1", Title: "t", Asked: start, Nonce: "N", Text: "a\n\nb: c\n"}
	got, err := factor.ParseEnvelope(e.Bytes())
	if err != nil || got != e {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", string(e.Bytes()) + " ", strings.Replace(string(e.Bytes()), "length: 8", "length: 9", 1), strings.Replace(string(e.Bytes()), "for: ", "for:  ", 1)} {
		if _, err := factor.ParseEnvelope([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
