package ui

import (
	"context"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// Shell is what surrounds every page of one request; base/web or the app puts it into the context once.
type Shell struct {
	SiteName   string
	Lang       string // BCP 47: zh-CN or en
	Elder      bool   // 长者版
	FontPlus   bool   // larger text still, only in elder mode
	User       *ShellUser
	Nav        []NavItem
	Demo       bool   // shows that all data is invented
	Path       string // path and query of this page; switches lead back to it
	Watermark  string // desk pages: user and time
	Unread     int
	UnreadURL  string // where the messages are; "/messages" when empty
	Hotline    string // "12345" when empty
	SearchURL  string // GET with q; no search box in the header when empty
	SignInURL  string // "/signin" when empty
	SignOutURL string // POST; "/signout" when empty
	ExtendURL  string // POST that lengthens the session and answers {"session_ends_ms":n}; "/session/extend" when empty

	Notice string // something that happened meanwhile, shown once above the page

	NowMS         int64 // server's Unix milliseconds, so that a wrong clock on the phone does not matter
	SessionEndsMS int64 // 0: nobody is signed in
	DelegateURL   string
	Footer        Footer
}

// Footer holds what 国办发〔2019〕政府网站 rules want at the foot of a government page; empty lines are left out.
type Footer struct {
	Sponsor          string // 主办单位
	Undertaker       string // 承办单位
	SiteCode         string // 网站标识码
	Record           string // ICP number
	AccessibilityURL string // "/accessibility" when empty
	DataTime         string // as of when the data is, already formatted
	Links            []Link
}

// ShellUser is the signed-in person as the header shows them.
type ShellUser struct {
	Name      string // already masked
	Role      string
	ActingFor string // the firm or person acted for
	Home      string // URL
	Desk      bool   // staff: the name leads to the desk
}

// NavItem is one entry of the main navigation.
type NavItem struct {
	Href, Label string
	Current     bool
	Count       int // a small figure behind the label; 0 shows none
	Group       string
}

// Crumb is one step of the breadcrumb; the last has no Href.
type Crumb struct{ Label, Href string }

// Link is a text that leads somewhere.
type Link struct{ Label, Href string }

// ErrorItem is one line of the error summary; Field is the name of the input it leads to, empty for none.
type ErrorItem struct{ Field, Text string }

// PageView is what one page tells the shell.
type PageView struct {
	Title       string // also the h1, unless NoHeading
	Eyebrow     string // small line over the h1: case number, step
	Lead        string // one sentence under the h1
	NoHeading   bool
	Crumbs      []Crumb
	Wide        bool // desk width
	Narrow      bool // one question per page
	Errors      []ErrorItem
	BackHref    string
	Description string
	Robots      string
	RemaskURL   string // a page that shows plain values leads here after 60 s, also without JavaScript
}

type shellKey struct{}

// WithShell puts the shell into the context.
func WithShell(ctx context.Context, s Shell) context.Context {
	return context.WithValue(ctx, shellKey{}, s)
}

// ShellFrom gives the context's shell; without one, a plain shell in the context's language.
func ShellFrom(ctx context.Context) Shell {
	s, _ := ctx.Value(shellKey{}).(Shell)
	if s.Lang == "" {
		s.Lang = string(i18n.From(ctx))
	}
	s.SiteName = or(s.SiteName, t(ctx, "ui.site_name"))
	s.Path = or(s.Path, "/")
	s.Hotline = or(s.Hotline, "12345")
	s.UnreadURL = or(s.UnreadURL, "/messages")
	s.SignInURL = or(s.SignInURL, "/signin")
	s.SignOutURL = or(s.SignOutURL, "/signout")
	s.ExtendURL = or(s.ExtendURL, "/session/extend")
	s.Footer.AccessibilityURL = or(s.Footer.AccessibilityURL, "/accessibility")
	return s
}

// FieldID gives the id of the input with a name; the error summary and anchors lead to it.
func FieldID(name string) string {
	var b strings.Builder
	b.WriteString("f-")
	for _, r := range name {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	return b.String()
}

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func num(n int) string { return strconv.Itoa(n) }

func ms(n int64) string { return strconv.FormatInt(n, 10) }

// describedBy joins the ids of the hint and the error that exist; empty for none.
func describedBy(id string, hint, problem bool) string {
	var ids []string
	if hint {
		ids = append(ids, id+"-hint")
	}
	if problem {
		ids = append(ids, id+"-error")
	}
	return strings.Join(ids, " ")
}

func pageTitle(ctx context.Context, p PageView, s Shell) string {
	title := s.SiteName
	if p.Title != "" {
		title = p.Title + " - " + s.SiteName
	}
	if len(p.Errors) > 0 {
		title = t(ctx, "ui.error_prefix") + title
	}
	return title
}

func mainClass(p PageView) string {
	switch {
	case p.Wide:
		return "wrap wide"
	case p.Narrow:
		return "wrap narrow"
	}
	return "wrap"
}

// optionsOf gives a question's answers; 是/否 have the values true and false.
func optionsOf(ctx context.Context, f FormField) []Option {
	if f.Kind == "yesno" && len(f.Options) == 0 {
		return []Option{{Value: "true", Label: t(ctx, "ui.yes")}, {Value: "false", Label: t(ctx, "ui.no")}}
	}
	return f.Options
}

// scriptKeys are the texts the scripts speak.
var scriptKeys = []string{
	"ui.js_saving", "ui.js_saved", "ui.js_save_failed", "ui.js_save_conflict", "ui.js_save_signin", "ui.js_conflict_link",
	"ui.js_upload_at", "ui.js_upload_wait", "ui.js_upload_cut", "ui.js_upload_big", "ui.js_upload_refused", "ui.js_upload_ok",
	"ui.js_session_title", "ui.js_session_text", "ui.js_session_go_on", "ui.js_session_over", "ui.js_session_extended",
	"ui.js_confirm", "ui.js_cancel", "ui.js_copied", "ui.js_masked", "ui.js_offline", "ui.js_read", "ui.js_read_stop",
}

func scriptTexts(ctx context.Context) map[string]string {
	out := map[string]string{}
	for _, k := range scriptKeys {
		out[strings.TrimPrefix(k, "ui.js_")] = t(ctx, k)
	}
	return out
}
