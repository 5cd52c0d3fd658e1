package webhook

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// Subscription is what a department's system wants to hear of, and where.
type Subscription struct {
	ID     string `json:"-"`
	Agency string `json:"-"`
	Wide   bool   `json:"-"` // all agencies of the agency's region and below, not only its own
	URL    string `json:"-"`

	Name    string   `json:"name"`
	Client  string   `json:"client,omitempty"`  // the system's registration for single sign-on, if it has one
	Topics  []string `json:"topics"`            // [AllTopics] or names
	Items   []string `json:"items,omitempty"`   // item keys; none = all
	Regions []string `json:"regions,omitempty"` // region codes, with everything below; none = all
	Contact string   `json:"contact,omitempty"` // whom to call when it fails: a department or a telephone of an office

	State   string    `json:"-"`
	Since   time.Time `json:"-"`
	Version int64     `json:"-"`
	MadeBy  string    `json:"-"`
	Made    time.Time `json:"-"`
}

// AllTopics stands for every topic of cases, also of those that will be added.
const AllTopics = "cases.*"

// The states of a subscription.
const (
	On  = "on"
	Off = "off" // by hand: nothing new is queued, nothing is sent
)

// Health is how a target does.
type Health struct {
	Failures     int64     // in a row
	FailingSince time.Time // zero = the last message was taken
	PausedSince  time.Time // zero = not paused
	Probe        time.Time // next look while paused
	LastTaken    time.Time
	Why          string // text key suffix webhook.why_… of the last failure
	probes       int64
}

// Target is a subscription with how it does.
type Target struct {
	Subscription
	Health  Health
	Waiting int // not delivered yet
	Dead    int // parked
	Secrets []Secret
}

const (
	mostChoices = 100
	longName    = 60
	longURL     = 500
)

// clean trims what was typed and drops repeats.
func (x *Subscription) clean() {
	for _, s := range []*string{&x.Name, &x.URL, &x.Client, &x.Contact, &x.Agency} {
		*s = strings.TrimSpace(*s)
	}
	for _, list := range []*[]string{&x.Topics, &x.Items, &x.Regions} {
		var out []string
		for _, v := range *list {
			if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		*list = out
	}
	if slices.Contains(x.Topics, AllTopics) {
		x.Topics = []string{AllTopics}
	}
}

// check finds what is wrong with a subscription; the fields are those of the form. The address is also looked up: one that leads inside is refused
// here and again at every delivery.
func (s *Service) check(ctx context.Context, x *Subscription) error {
	x.clean()
	var fs []errs.Field
	add := func(ok bool, field, key string, p ...errs.P) {
		if ok {
			return
		}
		f := errs.Field{Path: field, Key: "webhook." + key}
		if len(p) > 0 {
			f.Params = p[0]
		}
		fs = append(fs, f)
	}
	add(x.Name != "" && utf8.RuneCountInString(x.Name) <= longName, "name", "name_missing")
	add(utf8.RuneCountInString(x.Contact) <= longName, "contact", "contact_long")
	add(len(x.Topics) > 0, "topics", "topics_missing")
	add(len(x.Items) <= mostChoices, "items", "too_many", errs.P{"max": mostChoices})
	add(len(x.Regions) <= mostChoices, "regions", "too_many", errs.P{"max": mostChoices})
	for _, t := range x.Topics {
		add(t == AllTopics || known(t), "topics", "topic_unknown", errs.P{"topic": t})
	}
	for _, code := range x.Regions {
		_, err := s.Offices.Region(ctx, code)
		add(err == nil, "regions", "region_unknown", errs.P{"code": code})
	}
	if x.Client != "" {
		agency, _, err := s.Client(ctx, x.Client)
		add(err == nil && agency == x.Agency, "client", "client_unknown")
	}
	if key := s.badURL(x.URL); key != "" {
		add(false, "url", key)
	} else if err := s.Send.Check(ctx, x.URL); err != nil {
		add(false, "url", "url_inside")
	}
	return errs.Fields("webhook.invalid", fs)
}

// badURL says what is wrong with an address, or nothing.
func (s *Service) badURL(a string) string {
	u, err := url.Parse(a)
	switch {
	case a == "":
		return "url_missing"
	case err != nil, len(a) > longURL, !utf8.ValidString(a), strings.ContainsAny(a, " \t\r\n\\#"), u.Hostname() == "", u.User != nil:
		return "url_bad"
	case u.Scheme != "https" && (u.Scheme != "http" || !s.AllowHTTP):
		return "url_https"
	}
	return ""
}

// Shown is the address without what may be secret in it.
func (x Subscription) Shown() string {
	u, err := url.Parse(x.URL)
	if err != nil {
		return ""
	}
	if u.RawQuery != "" {
		u.RawQuery = "…"
	}
	return strings.ReplaceAll(u.String(), "%E2%80%A6", "…")
}

// wants reports whether a subscription is to hear of an event.
func (s *Service) wants(ctx context.Context, x Subscription, topic string, f facts) bool {
	switch {
	case !slices.Contains(x.Topics, AllTopics) && !slices.Contains(x.Topics, topic):
		return false
	case len(x.Items) > 0 && !slices.Contains(x.Items, f.Item):
		return false
	case len(x.Regions) > 0 && !slices.ContainsFunc(x.Regions, func(r string) bool { return f.Region == r || s.Offices.Within(ctx, f.Region, r) }):
		return false
	case x.Agency == f.Agency:
		return true
	case !x.Wide:
		return false
	}
	g, err := s.Offices.Agency(ctx, x.Agency)
	return err == nil && (g.Region == f.Region || s.Offices.Within(ctx, f.Region, g.Region))
}
