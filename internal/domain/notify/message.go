package notify

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// To is who is told. Either may be empty: without Person there is no inbox row, without Phone no text message.
type To struct {
	Person string // identity's person id
	Phone  string // plain; sealed at once
}

// Message is one thing to tell one person.
type Message struct {
	Template string
	Key      string // the caller's key, e.g. "case:<id>:accepted": the same message is written once
	To       To
	Data     map[string]string // by place
	Link     string            // path of this site where more is to be seen, or empty
	Until    time.Time         // a text message is pointless after this (sign-in codes); zero = never
}

// Template is a message template. Text is for the inbox, SMS for the phone; without SMS nothing is sent there. SMS begins with its
// signature 【…】. English texts are for the inbox; the Chinese ones stand in where they are missing.
type Template struct {
	Key     string `json:"key"`
	Title   string `json:"title"`
	SMS     string `json:"sms"`
	Text    string `json:"text"`
	TitleEN string `json:"title_en"`
	TextEN  string `json:"text_en"`
}

// The states of a row.
const (
	Queued    = "queued"
	Sent      = "sent" // taken by a provider
	Delivered = "delivered"
	Failed    = "failed"
)

// Item is one message of an inbox. Both languages are kept as they were said.
type Item struct {
	ID       string
	Template string
	Link     string
	At       time.Time
	Read     bool
	words    body
}

// Title gives the title in a language.
func (i Item) Title(l i18n.Lang) string { return i.words.pick(l).Title }

// Text gives the text in a language.
func (i Item) Text(l i18n.Lang) string { return i.words.pick(l).Text }

// body is what a row keeps sealed.
type body struct {
	ZH     words             `json:"zh"`
	EN     words             `json:"en"`
	Sign   string            `json:"sign,omitempty"`
	SMS    string            `json:"sms,omitempty"`
	Params map[string]string `json:"params,omitempty"`
}

type words struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

func (b body) pick(l i18n.Lang) words {
	if l == i18n.English && b.EN.Text != "" {
		return b.EN
	}
	return b.ZH
}

var (
	place     = regexp.MustCompile(`\{([a-z_]+)\}`)
	keyShape  = regexp.MustCompile(`^[a-z][a-z_]*(\.[a-z][a-z_]*)+$`)
	signature = regexp.MustCompile(`^【([^【】]{2,16})】`)
)

// unknownWord stands where the caller gave no value: a message about a legal act is not held back for a missing word.
const unknownWord = "—"

// fill puts the data into a text; missing gives the places without data.
func fill(text string, data map[string]string) (out string, missing []string) {
	out = place.ReplaceAllStringFunc(text, func(m string) string {
		name := m[1 : len(m)-1]
		if v := data[name]; v != "" {
			return v
		}
		missing = append(missing, name)
		return unknownWord
	})
	return out, missing
}

func placesOf(text string) []string {
	var out []string
	for _, m := range place.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// maxParam is the longest value in a text message, in characters: providers refuse long ones, and the whole is in the inbox.
const maxParam = 64

// render makes what a row keeps. Values in the text message are shortened.
func (t Template) render(data map[string]string) (body, []string) {
	var b body
	var missing []string
	put := func(to *string, text string) {
		var m []string
		*to, m = fill(text, data)
		missing = append(missing, m...)
	}
	put(&b.ZH.Title, t.Title)
	put(&b.ZH.Text, t.Text)
	put(&b.EN.Title, t.TitleEN)
	put(&b.EN.Text, t.TextEN)
	if t.SMS == "" {
		return b, missing
	}
	b.Params = map[string]string{}
	for _, p := range placesOf(t.SMS) {
		v := clip(data[p], maxParam)
		if v == "" {
			v = unknownWord
		}
		b.Params[p] = v
	}
	var m []string
	b.SMS, m = fill(t.SMS, b.Params)
	b.Sign = t.sign()
	return b, append(missing, m...)
}

func (t Template) sign() string {
	if m := signature.FindStringSubmatch(t.SMS); m != nil {
		return m[1]
	}
	return ""
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// casePlaces and codePlaces are the places the rooms fill, by the first word of the key.
var (
	casePlaces = []string{"item", "case_no", "due", "agency", "reason", "licence", "limit", "to", "outcome", "outcome_en", "remedies"}
	codePlaces = []string{"code", "minutes"}
	// accountPlaces are those of messages about an account, a mandate, a system signed in to or one's data.
	accountPlaces = []string{
		"when", "until", "device", "place", "phone", "minutes", "days", "name", "who", "firm", "item", "act", "method", "system", "number", "reason",
		"giver", "holder", "kind", "items", "acts", "from", "why", "what", "answer_by", "confirm_by", "label", "title",
	}
)

var accountKeys = []string{"identity.", "factor.", "mandate.", "privacy.", "sso.", "federation.", "org."}

// Places lists what a template may name; a key of another room may name all.
func Places(key string) []string {
	switch {
	case strings.HasPrefix(key, "case."):
		return casePlaces
	case strings.HasPrefix(key, "sign_in."):
		return codePlaces
	case slices.ContainsFunc(accountKeys, func(room string) bool { return strings.HasPrefix(key, room) }):
		return accountPlaces
	}
	return append(slices.Clone(casePlaces), codePlaces...)
}

const maxSMS, maxTitle, maxText = 300, 40, 2000

// check finds everything wrong with a template; the paths are its JSON names.
func (t Template) check() []errs.Field {
	var f []errs.Field
	add := func(path, key string, p errs.P) { f = append(f, errs.Field{Path: path, Key: key, Params: p}) }
	if !keyShape.MatchString(t.Key) {
		add("key", "notify.key_shape", nil)
	}
	for _, x := range []struct {
		path, text string
		max        int
		need       bool
	}{{"title", t.Title, maxTitle, true}, {"text", t.Text, maxText, true}, {"sms", t.SMS, maxSMS, false}, {"title_en", t.TitleEN, 2 * maxTitle, t.TextEN != ""}, {"text_en", t.TextEN, maxText, t.TitleEN != ""}} {
		if x.need && strings.TrimSpace(x.text) == "" {
			add(x.path, "notify.required", nil)
		}
		if n := utf8.RuneCountInString(x.text); n > x.max {
			add(x.path, "notify.too_long", errs.P{"n": n, "max": x.max})
		}
		for _, p := range placesOf(x.text) {
			if !slices.Contains(Places(t.Key), p) {
				add(x.path, "notify.unknown_place", errs.P{"place": p, "known": strings.Join(Places(t.Key), ", ")})
			}
		}
	}
	if t.SMS != "" && (!signature.MatchString(t.SMS) || strings.Count(t.SMS, "【") != 1) {
		add("sms", "notify.signature", nil)
	}
	if t.SMS == "" && strings.HasPrefix(t.Key, "sign_in.") {
		add("sms", "notify.required", nil)
	}
	return f
}
