package factorweb

import (
	"context"
	"encoding/base64"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
	"tongban/internal/engine/clock"
)

// day writes a date as people read it; a zero time is empty.
func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clock.Shanghai).Format(time.DateOnly)
}

// at writes an instant to the minute.
func at(when time.Time) string { return when.In(clock.Shanghai).Format("2006-01-02 15:04") }

func home(desk bool) string {
	if desk {
		return "/desk"
	}
	return "/my"
}

func crumbs(ctx context.Context, desk bool, page string) []ui.Crumb {
	out := []ui.Crumb{{Label: t(ctx, "factor.home"), Href: home(desk)}}
	if page == "" {
		return append(out, ui.Crumb{Label: t(ctx, "factor.title")})
	}
	return append(out, ui.Crumb{Label: t(ctx, "factor.title"), Href: "/my/security"}, ui.Crumb{Label: page})
}

func keyName(ctx context.Context, k factor.Passkey) string {
	if k.Label == "" {
		return t(ctx, "factor.passkey")
	}
	return k.Label
}

func keyKind(ctx context.Context, k factor.Passkey) string {
	if k.Synced {
		return t(ctx, "factor.passkey_synced")
	}
	return t(ctx, "factor.passkey_single")
}

func keyUsed(ctx context.Context, k factor.Passkey) string {
	if k.Used.IsZero() {
		return t(ctx, "factor.never_used")
	}
	return day(k.Used)
}

func (v overviewView) passkeyTable(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "factor.passkeys"), CaptionHide: true, Columns: []ui.Column{
		{Label: t(ctx, "factor.name")}, {Label: t(ctx, "factor.kind")}, {Label: t(ctx, "factor.made")}, {Label: t(ctx, "factor.used")},
	}}
	for _, k := range v.Methods.Passkeys {
		tv.Rows = append(tv.Rows, []ui.Cell{
			{Text: keyName(ctx, k), Href: "/my/security/passkeys/" + k.ID}, {Text: keyKind(ctx, k)}, {Text: day(k.Made)}, {Text: keyUsed(ctx, k)},
		})
	}
	return tv
}

func (v overviewView) certificateTable(ctx context.Context) ui.TableView {
	tv := ui.TableView{Caption: t(ctx, "factor.certificates"), CaptionHide: true, Columns: []ui.Column{
		{Label: t(ctx, "factor.cert_name")}, {Label: t(ctx, "factor.cert_issuer")}, {Label: t(ctx, "factor.cert_until")},
	}}
	for _, c := range v.Certificates {
		tv.Rows = append(tv.Rows, []ui.Cell{{Text: c.Name, Href: "/my/security/certificates/" + c.ID}, {Text: c.Issuer}, {Text: day(c.NotAfter)}})
	}
	return tv
}

func keyRows(ctx context.Context, k factor.Passkey) []ui.KVRow {
	return []ui.KVRow{
		{Key: t(ctx, "factor.kind"), Value: keyKind(ctx, k)},
		{Key: t(ctx, "factor.made"), Value: day(k.Made), Num: true},
		{Key: t(ctx, "factor.used"), Value: keyUsed(ctx, k), Num: true},
	}
}

func certRows(ctx context.Context, c factor.Certificate) []ui.KVRow {
	return []ui.KVRow{
		{Key: t(ctx, "factor.cert_name"), Value: c.Name},
		{Key: t(ctx, "factor.cert_issuer"), Value: c.Issuer},
		{Key: t(ctx, "factor.cert_algorithm"), Value: c.Algorithm},
		{Key: t(ctx, "factor.cert_serial"), Value: c.Serial, Num: true},
		{Key: t(ctx, "factor.cert_until"), Value: day(c.NotAfter), Num: true},
		{Key: t(ctx, "factor.cert_print"), Value: c.Fingerprint, Num: true},
	}
}

func (v passwordView) title(ctx context.Context) string {
	if v.Sign {
		return t(ctx, "factor.sign_password")
	}
	return t(ctx, "factor.password")
}

func (v passwordView) lead(ctx context.Context) string {
	if v.Sign {
		return t(ctx, "factor.sign_password_text")
	}
	return t(ctx, "factor.password_text")
}

// without says what follows when the password is taken away.
func (v passwordView) without(ctx context.Context) string {
	if v.Sign {
		return t(ctx, "factor.sign_password_without")
	}
	return t(ctx, "factor.password_without")
}

func setOrChange(ctx context.Context, has bool) string {
	if has {
		return t(ctx, "factor.password_change")
	}
	return t(ctx, "factor.password_do_set")
}

func setOrChangeSign(ctx context.Context, has bool) string {
	if has {
		return t(ctx, "factor.sign_password_change")
	}
	return t(ctx, "factor.sign_none_password")
}

func appDo(ctx context.Context, has bool) string {
	if has {
		return t(ctx, "factor.app_change")
	}
	return t(ctx, "factor.app_begin")
}

func beginLabel(ctx context.Context, v appView) string {
	switch {
	case v.Setup.Secret != "":
		return t(ctx, "factor.app_anew")
	case v.Has:
		return t(ctx, "factor.app_change")
	}
	return t(ctx, "factor.app_begin")
}

func beginKind(v appView) ui.ButtonKind {
	if v.Setup.Secret != "" {
		return ui.Plain
	}
	return ui.Primary
}

// dataURL lets a browser save a text without asking the server again, which would make a new one.
func dataURL(text string) templ.SafeURL {
	return templ.SafeURL("data:text/plain;base64," + base64.StdEncoding.EncodeToString([]byte(text)))
}

func local(to string) string { return web.LocalPath(to) }

// setUp leads to setting up a way to sign, and back to the paper.
func (v paperView) setUp(page string) string {
	return page + "?" + url.Values{"next": {"/my/sign/" + v.Paper.ID}}.Encode()
}

// weight makes the first way to sign the page's one primary button.
func weight(v paperView, method string) ui.ButtonKind {
	first := factor.ByCertificate
	switch {
	case len(v.Passkeys) > 0:
		first = factor.ByPasskey
	case v.SignPassword:
		first = factor.ByPassword
	case v.TOTP:
		first = factor.ByApp
	}
	if method == first {
		return ui.Primary
	}
	return ui.Secondary
}

func paperRows(ctx context.Context, v paperView) []ui.KVRow {
	rows := []ui.KVRow{
		{Key: t(ctx, "factor.sign_site"), Value: v.Envelope.Site},
		{Key: t(ctx, "factor.sign_object"), Value: v.Envelope.Object, Num: true},
		{Key: t(ctx, "factor.sign_asked"), Value: at(v.Envelope.Asked), Num: true},
		{Key: t(ctx, "factor.sign_ends"), Value: at(v.Ends), Num: true},
		{Key: t(ctx, "factor.sign_digest"), Value: v.Digest, Num: true},
	}
	if v.Envelope.For != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "factor.sign_for"), Value: v.Envelope.For, Num: true})
	}
	return rows
}
