package webhookweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/webhook"
)

// WebhookTopic is one kind of event a system may subscribe to.
type WebhookTopic struct {
	Name    string              `json:"name"`
	Meaning string              `json:"meaning"`
	Fields  []WebhookTopicField `json:"fields" doc:"of data; nothing in it names a person"`
}

// WebhookTopicField is one field of an event's data.
type WebhookTopicField struct {
	Name     string `json:"name"`
	Type     string `json:"type" enum:"string,time,integer,boolean,object,list"`
	Optional bool   `json:"optional" doc:"left out when empty"`
}

// WebhookShape is what somebody decides about a subscription.
type WebhookShape struct {
	Name    string   `json:"name" maxLength:"60"`
	URL     string   `json:"url" maxLength:"500" doc:"https; addresses inside the network are refused"`
	Topics  []string `json:"topics" maxItems:"100" doc:"names of topics, or cases.* for all"`
	Items   []string `json:"items,omitempty" maxItems:"100" doc:"keys of items; none: all"`
	Regions []string `json:"regions,omitempty" maxItems:"100" doc:"region codes, with everything below; none: all"`
	Wide    bool     `json:"wide,omitempty" doc:"all agencies of the agency's region and below; only administrators"`
	Client  string   `json:"client,omitempty" maxLength:"64" doc:"id of the system's registration for single sign-on"`
	Contact string   `json:"contact,omitempty" maxLength:"60"`
}

// WebhookSubscription is a subscription and how its target does.
type WebhookSubscription struct {
	WebhookShape
	ID           string          `json:"id"`
	Agency       string          `json:"agency"`
	State        string          `json:"state" enum:"on,off"`
	Since        time.Time       `json:"since" doc:"of the state"`
	Version      int64           `json:"version" doc:"give it back when changing"`
	Failures     int64           `json:"failures" doc:"in a row"`
	FailingSince *time.Time      `json:"failing_since,omitempty"`
	PausedSince  *time.Time      `json:"paused_since,omitempty"`
	NextProbe    *time.Time      `json:"next_probe,omitempty"`
	LastTaken    *time.Time      `json:"last_taken,omitempty"`
	Why          string          `json:"why,omitempty" doc:"of the last failure"`
	Waiting      int             `json:"waiting" doc:"not delivered yet; of one subscription only"`
	Dead         int             `json:"dead" doc:"parked; of one subscription only"`
	Secrets      []WebhookSecret `json:"secrets" doc:"that sign now, newest first, without themselves; of one subscription only"`
}

// WebhookSecret tells when a secret holds.
type WebhookSecret struct {
	Made  time.Time  `json:"made"`
	Until *time.Time `json:"until,omitempty"`
}

// WebhookDelivery is one event for one subscription.
type WebhookDelivery struct {
	ID       string           `json:"id"`
	EventID  string           `json:"webhook_id" doc:"the message's id: the same in every attempt and replay"`
	Topic    string           `json:"topic"`
	CaseID   string           `json:"case_id"`
	CaseNo   string           `json:"case_no"`
	State    string           `json:"state" enum:"waiting,sending,done,dead,resent"`
	Replayed bool             `json:"replayed"`
	Made     time.Time        `json:"made"`
	Next     *time.Time       `json:"next,omitempty"`
	Ended    *time.Time       `json:"ended,omitempty"`
	Count    int              `json:"attempts"`
	Status   int              `json:"status" doc:"HTTP status of the last attempt; 0: none came"`
	Why      string           `json:"why,omitempty"`
	Log      []WebhookAttempt `json:"log,omitempty" doc:"of one delivery only, newest first"`
}

// WebhookAttempt is one POST and what came of it.
type WebhookAttempt struct {
	At     time.Time `json:"at"`
	TookMS int64     `json:"took_ms"`
	Status int       `json:"status"`
	Why    string    `json:"why,omitempty"`
	Answer string    `json:"answer,omitempty" doc:"its first 200 characters"`
}

// WebhookReplay is a wish to have events again.
type WebhookReplay struct {
	ID    string     `json:"id"`
	From  *time.Time `json:"from,omitempty"`
	Dead  bool       `json:"dead" doc:"only what was parked"`
	State string     `json:"state" enum:"running,done"`
	Found int        `json:"found"`
	Made  time.Time  `json:"made"`
}

func opt(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

func subDoc(t webhook.Target) WebhookSubscription {
	h := t.Health
	out := WebhookSubscription{
		WebhookShape: WebhookShape{Name: t.Name, URL: t.Shown(), Topics: t.Topics, Items: t.Items, Regions: t.Regions, Wide: t.Wide, Client: t.Client, Contact: t.Contact},
		ID:           t.ID, Agency: t.Agency, State: t.State, Since: t.Since.UTC(), Version: t.Version, Failures: h.Failures, FailingSince: opt(h.FailingSince), PausedSince: opt(h.PausedSince),
		NextProbe: opt(h.Probe), LastTaken: opt(h.LastTaken), Why: h.Why, Waiting: t.Waiting, Dead: t.Dead, Secrets: []WebhookSecret{},
	}
	for _, s := range t.Secrets {
		out.Secrets = append(out.Secrets, WebhookSecret{s.Made.UTC(), opt(s.Until)})
	}
	return out
}

func deliveryDoc(d webhook.Delivery) WebhookDelivery {
	out := WebhookDelivery{
		ID: d.ID, EventID: d.EventID, Topic: d.Topic, CaseID: d.CaseID, CaseNo: d.CaseNo, State: d.State, Replayed: d.Replay != "", Made: d.Made.UTC(), Ended: opt(d.Ended),
		Count: d.Attempts, Status: d.Status, Why: d.Why,
	}
	if d.State == webhook.Waiting {
		out.Next = opt(d.Next)
	}
	return out
}

func attemptDoc(a webhook.Attempt) WebhookAttempt {
	return WebhookAttempt{At: a.At.UTC(), TookMS: a.Took.Milliseconds(), Status: a.Status, Why: a.Why, Answer: a.Text}
}

func replayDoc(r webhook.Replay) WebhookReplay {
	out := WebhookReplay{ID: r.ID, Dead: r.OnlyDead, State: r.State, Found: r.Found, Made: r.Made.UTC()}
	if !r.OnlyDead {
		out.From = opt(r.From)
	}
	return out
}

func (b WebhookShape) subscription() webhook.Subscription {
	return webhook.Subscription{Name: b.Name, URL: b.URL, Topics: b.Topics, Items: b.Items, Regions: b.Regions, Wide: b.Wide, Client: b.Client, Contact: b.Contact}
}

const tag = "webhooks"

func operation(method, path, id, summary string) huma.Operation {
	return huma.Operation{Method: method, Path: "/webhooks" + path, OperationID: id, Summary: summary, Tags: []string{tag}}
}

// op adds an operation on what the actor may keep.
func op[I, O any](a *web.API, o huma.Operation, fn func(context.Context, authz.Actor, *I) (*O, error), opts ...web.Option) {
	web.Op(a, authz.WebhookKeep, o, func(ctx context.Context, in *I) (*O, error) { return fn(ctx, authz.From(ctx), in) }, opts...)
}

type (
	subID struct {
		ID string `path:"id" maxLength:"64"`
	}
	deliveryID struct {
		ID       string `path:"id" maxLength:"64"`
		Delivery string `path:"delivery" maxLength:"64"`
	}
	webhookTopicsOut struct {
		Body struct {
			Topics []WebhookTopic `json:"topics"`
		}
	}
	webhooksOut struct {
		Body struct {
			Webhooks []WebhookSubscription `json:"webhooks"`
		}
	}
	subOut           struct{ Body WebhookSubscription }
	webhookSecretOut struct {
		Body struct {
			ID     string `json:"id"`
			Secret string `json:"secret" doc:"given this once"`
		}
	}
	newWebhookIn struct {
		Body struct {
			WebhookShape
			Agency string `json:"agency" maxLength:"64"`
		}
	}
	changeWebhookIn struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			WebhookShape
			Version int64 `json:"version"`
		}
	}
	rotateWebhookIn struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			KeepHours int `json:"keep_hours" minimum:"0" maximum:"168" doc:"how long the old secret signs, too"`
		}
	}
	webhookDeliveriesIn struct {
		ID    string `path:"id" maxLength:"64"`
		State string `query:"state" enum:"waiting,sending,done,dead,resent" doc:"left out: all"`
		Case  string `query:"case" maxLength:"60" doc:"case number"`
		After string `query:"after" maxLength:"200"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	}
	webhookDeliveriesOut struct {
		Body struct {
			Deliveries []WebhookDelivery `json:"deliveries"`
			Next       *string           `json:"next"`
		}
	}
	deliveryOut     struct{ Body WebhookDelivery }
	attemptOut      struct{ Body WebhookAttempt }
	replayWebhookIn struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			From *time.Time `json:"from,omitempty" doc:"at most 90 days ago; of dead not needed"`
			Dead bool       `json:"dead,omitempty" doc:"only what was parked"`
		}
	}
	replayOut         struct{ Body WebhookReplay }
	webhookReplaysOut struct {
		Body struct {
			Replays []WebhookReplay `json:"replays"`
		}
	}
)

// API adds the operations on webhooks to /api/v1.
func API(a *web.API, c Config) {
	h := handlers{c}
	op(a, operation(http.MethodGet, "/topics", "list-webhook-topics", "What may be subscribed to"), h.apiTopics)
	op(a, operation(http.MethodGet, "", "list-webhooks", "Subscriptions you keep"), h.apiList)
	create := operation(http.MethodPost, "", "create-webhook", "Subscribe an address; the secret is given this once")
	create.DefaultStatus = http.StatusCreated
	op(a, create, h.apiCreate)
	op(a, operation(http.MethodGet, "/{id}", "get-webhook", "One subscription"), h.apiGet)
	op(a, operation(http.MethodPatch, "/{id}", "change-webhook", "Give a subscription another shape; a stale version is a conflict"), h.apiChange)
	for _, x := range []struct {
		path, id, summary string
		do                func(context.Context, authz.Actor, string) error
	}{
		{"on", "turn-webhook-on", "Send again", func(ctx context.Context, a authz.Actor, id string) error { return h.Webhooks.Switch(ctx, a, id, true) }},
		{"off", "turn-webhook-off", "Queue and send nothing", func(ctx context.Context, a authz.Actor, id string) error { return h.Webhooks.Switch(ctx, a, id, false) }},
		{"resume", "resume-webhook", "Let a paused target have what waits", h.Webhooks.Resume},
		{"end-secret", "end-webhook-secret", "End the older secret now", h.Webhooks.EndOld},
	} {
		op(a, operation(http.MethodPost, "/{id}/"+x.path, x.id, x.summary), func(ctx context.Context, who authz.Actor, in *subID) (*subOut, error) {
			if err := x.do(ctx, who, in.ID); err != nil {
				return nil, err
			}
			return h.apiGet(ctx, who, in)
		})
	}
	op(a, operation(http.MethodPost, "/{id}/rotate", "rotate-webhook-secret", "Make another secret; it is given this once"), h.apiRotate)
	op(a, operation(http.MethodPost, "/{id}/test", "test-webhook", "Send a test message now"), h.apiTest, web.PerMinute(30))
	op(a, operation(http.MethodGet, "/{id}/deliveries", "list-webhook-deliveries", "What was sent or waits, newest first"), h.apiDeliveries)
	op(a, operation(http.MethodGet, "/{id}/deliveries/{delivery}", "get-webhook-delivery", "One delivery with its attempts"), h.apiDelivery)
	op(a, operation(http.MethodPost, "/{id}/deliveries/{delivery}/again", "resend-webhook-delivery", "Send one again that was taken or parked"), func(ctx context.Context, who authz.Actor, in *deliveryID) (*struct{}, error) {
		return nil, h.Webhooks.Again(ctx, who, in.ID, in.Delivery)
	})
	replay := operation(http.MethodPost, "/{id}/replays", "replay-webhook", "Send events again from a time on, or what was parked")
	replay.DefaultStatus = http.StatusAccepted
	op(a, replay, h.apiReplay)
	op(a, operation(http.MethodGet, "/{id}/replays", "list-webhook-replays", "The last replays"), h.apiReplays)
}

func (h handlers) apiTopics(ctx context.Context, _ authz.Actor, _ *struct{}) (*webhookTopicsOut, error) {
	out := &webhookTopicsOut{}
	for _, x := range webhook.Topics() {
		d := WebhookTopic{Name: x.Name, Meaning: topicName(ctx, x.Name), Fields: []WebhookTopicField{}}
		for _, f := range x.Fields {
			d.Fields = append(d.Fields, WebhookTopicField{f.Name, f.Type, f.Opt})
		}
		out.Body.Topics = append(out.Body.Topics, d)
	}
	return out, nil
}

func (h handlers) apiList(ctx context.Context, who authz.Actor, _ *struct{}) (*webhooksOut, error) {
	all, err := h.Webhooks.List(ctx, who)
	out := &webhooksOut{}
	out.Body.Webhooks = []WebhookSubscription{}
	for _, x := range all {
		out.Body.Webhooks = append(out.Body.Webhooks, subDoc(x))
	}
	return out, err
}

func (h handlers) apiCreate(ctx context.Context, who authz.Actor, in *newWebhookIn) (*webhookSecretOut, error) {
	x := in.Body.subscription()
	x.Agency = in.Body.Agency
	out := &webhookSecretOut{}
	var err error
	out.Body.ID, out.Body.Secret, err = h.Webhooks.Create(ctx, who, x)
	return out, err
}

func (h handlers) apiGet(ctx context.Context, who authz.Actor, in *subID) (*subOut, error) {
	x, err := h.Webhooks.Get(ctx, who, in.ID)
	return &subOut{subDoc(x)}, err
}

func (h handlers) apiChange(ctx context.Context, who authz.Actor, in *changeWebhookIn) (*subOut, error) {
	if err := h.Webhooks.Change(ctx, who, in.ID, in.Body.Version, in.Body.subscription()); err != nil {
		return nil, err
	}
	return h.apiGet(ctx, who, &subID{in.ID})
}

func (h handlers) apiRotate(ctx context.Context, who authz.Actor, in *rotateWebhookIn) (*webhookSecretOut, error) {
	out := &webhookSecretOut{}
	out.Body.ID = in.ID
	var err error
	out.Body.Secret, err = h.Webhooks.Rotate(ctx, who, in.ID, time.Duration(in.Body.KeepHours)*time.Hour)
	return out, err
}

func (h handlers) apiTest(ctx context.Context, who authz.Actor, in *subID) (*attemptOut, error) {
	a, err := h.Webhooks.Try(ctx, who, in.ID)
	return &attemptOut{attemptDoc(a)}, err
}

func (h handlers) apiDeliveries(ctx context.Context, who authz.Actor, in *webhookDeliveriesIn) (*webhookDeliveriesOut, error) {
	p, err := h.Webhooks.Deliveries(ctx, who, in.ID, webhook.Filter{State: in.State, CaseNo: in.Case, After: in.After, Limit: in.Limit})
	out := &webhookDeliveriesOut{}
	out.Body.Deliveries = []WebhookDelivery{}
	for _, d := range p.Deliveries {
		out.Body.Deliveries = append(out.Body.Deliveries, deliveryDoc(d))
	}
	if p.Next != "" {
		out.Body.Next = &p.Next
	}
	return out, err
}

func (h handlers) apiDelivery(ctx context.Context, who authz.Actor, in *deliveryID) (*deliveryOut, error) {
	d, as, err := h.Webhooks.Delivery(ctx, who, in.ID, in.Delivery)
	out := &deliveryOut{deliveryDoc(d)}
	for _, a := range as {
		out.Body.Log = append(out.Body.Log, attemptDoc(a))
	}
	return out, err
}

func (h handlers) apiReplay(ctx context.Context, who authz.Actor, in *replayWebhookIn) (*replayOut, error) {
	var from time.Time
	if in.Body.From != nil {
		from = *in.Body.From
	}
	r, err := h.Webhooks.Replay(ctx, who, in.ID, from, in.Body.Dead)
	return &replayOut{replayDoc(r)}, err
}

func (h handlers) apiReplays(ctx context.Context, who authz.Actor, in *subID) (*webhookReplaysOut, error) {
	rs, err := h.Webhooks.Replays(ctx, who, in.ID)
	out := &webhookReplaysOut{}
	out.Body.Replays = []WebhookReplay{}
	for _, r := range rs {
		out.Body.Replays = append(out.Body.Replays, replayDoc(r))
	}
	return out, err
}
