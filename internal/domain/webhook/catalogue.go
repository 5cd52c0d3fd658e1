package webhook

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/event"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/talk"
)

// told are the events a system may subscribe to. A test holds the list to the types of package cases; what is missing here nobody would hear of.
var told = []event.Event{
	cases.PrecheckAskedEvent{},
	cases.PrecheckAnsweredEvent{},
	cases.PrecheckTakenBackEvent{},
	cases.CorrectedOnTheSpotEvent{},
	cases.SubmittedEvent{},
	cases.ReceivedEvent{},
	cases.AcceptedEvent{},
	cases.DeemedAcceptedEvent{},
	cases.CorrectionRequestedEvent{},
	cases.CorrectionTwiceEvent{},
	cases.ResubmittedEvent{},
	cases.RefusedAcceptanceEvent{},
	cases.StepDoneEvent{},
	cases.SuspendedEvent{},
	cases.ResumedEvent{},
	cases.ExtendedEvent{},
	cases.EndedEvent{},
	cases.DecidedEvent{},
	cases.CertifiedEvent{},
	cases.DeliveredEvent{},
	cases.ConcludedEvent{},
	cases.WithdrawnEvent{},
	cases.ArchivedEvent{},
	cases.DueNearEvent{},
	cases.DuePassedEvent{},
	cases.SuppliedEvent{},
	cases.LaterOverdueEvent{},
	cases.PromiseCheckedEvent{},
	cases.PromiseBrokenEvent{},
	talk.MessageEvent{},
	talk.UrgedEvent{},
	talk.UrgeAnsweredEvent{},
	talk.UrgeUnansweredEvent{},
	talk.CopiedEvent{},
	talk.CopyEndedEvent{},
	talk.EscalatedEvent{},
	cases.RevocationToldEvent{},
	cases.RevokedEvent{},
	cases.RectifiedEvent{},
	cases.DeemedRenewedEvent{},
	cases.ConsultedEvent{},
	cases.AnsweredEvent{},
	cases.RecalledEvent{},
	cases.ExpertEvent{},
	cases.MigratedEvent{},
}

// untold are topics of cases that stay inside: who acted for whom is all they say.
//
//lint:ignore U1000 the page of events is made from it
var untold = []string{"cases.acted"}

// withheld are fields that lead to a person; they never leave.
var withheld = []string{"by", "taker", "by_person", "for_kind", "for_id", "mandate_id"}

// Topic is one kind of event as subscribers see it.
type Topic struct {
	Name   string
	Fields []Field
}

// Field is one field of an event's data.
type Field struct {
	Name string
	Type string // string, time (RFC 3339), integer, boolean, object, list
	Opt  bool   // left out when empty
}

// Topics lists what can be subscribed to.
func Topics() []Topic {
	out := make([]Topic, 0, len(told))
	for _, e := range told {
		out = append(out, Topic{Name: e.Topic(), Fields: fieldsOf(reflect.TypeOf(e))})
	}
	return out
}

// TopicNames lists their names.
func TopicNames() []string {
	out := make([]string, 0, len(told))
	for _, e := range told {
		out = append(out, e.Topic())
	}
	return out
}

func known(topic string) bool {
	return slices.ContainsFunc(told, func(e event.Event) bool { return e.Topic() == topic })
}

func fieldsOf(t reflect.Type) (out []Field) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			out = append(out, fieldsOf(f.Type)...)
			continue
		}
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || slices.Contains(withheld, name) {
			continue
		}
		x := Field{Name: name, Type: typeOf(f.Type), Opt: strings.Contains(opts, "omit")}
		if f.Type == reflect.TypeFor[time.Duration]() {
			x.Name += "_ms"
		}
		out = append(out, x)
	}
	return out
}

func typeOf(t reflect.Type) string {
	if t == reflect.TypeFor[time.Time]() {
		return "time"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "integer"
	case reflect.Slice, reflect.Array:
		return "list"
	default:
		return "object"
	}
}
