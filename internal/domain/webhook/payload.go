package webhook

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"tongban/internal/base/event"
)

// envelope is the body of a message: CloudEvents 1.0, structured mode. It also has what Standard Webhooks recommends (type, data).
type envelope struct {
	Version string                     `json:"specversion"`
	ID      string                     `json:"id"`      // of the event: the same in every attempt and replay
	Source  string                     `json:"source"`  // this platform
	Type    string                     `json:"type"`    // topic
	Subject string                     `json:"subject"` // case id
	Time    string                     `json:"time"`    // RFC 3339, UTC
	Content string                     `json:"datacontenttype"`
	Data    map[string]json.RawMessage `json:"data"`
}

// TestTopic is the topic of the message that an administrator sends to try a target.
const TestTopic = "webhook.test"

const cloudEvents = "1.0"

// body makes the message of an event: only the fields the catalogue names.
func (s *Service) body(e event.Stored) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(e.Data, &all); err != nil {
		return nil, err
	}
	m := envelope{
		Version: cloudEvents, ID: e.ID, Source: s.source(), Type: e.Topic, Time: e.At.UTC().Format(time.RFC3339Nano), Content: "application/json", Data: map[string]json.RawMessage{},
	}
	for _, x := range told {
		if x.Topic() != e.Topic {
			continue
		}
		for _, f := range fieldsOf(reflect.TypeOf(x)) {
			if v, ok := all[f.Name]; ok {
				m.Data[f.Name] = v
			} else if v, ok := all[strings.TrimSuffix(f.Name, "_ms")]; ok && strings.HasSuffix(f.Name, "_ms") {
				m.Data[f.Name] = milliseconds(v)
			}
		}
	}
	_ = json.Unmarshal(m.Data["case_id"], &m.Subject)
	return json.Marshal(m)
}

// milliseconds turns a time.Duration, which JSON writes in nanoseconds.
func milliseconds(v json.RawMessage) json.RawMessage {
	var d time.Duration
	if json.Unmarshal(v, &d) != nil {
		return v
	}
	out, _ := json.Marshal(d.Milliseconds()) //nolint:errchkjson // a number
	return out
}

func (s *Service) source() string { return strings.TrimRight(s.PublicURL, "/") + "/api/v1/cases" }

// testBody is the message of [Service.Try].
func (s *Service) testBody(id, sub string) ([]byte, error) {
	return json.Marshal(envelope{
		Version: cloudEvents, ID: id, Source: s.source(), Type: TestTopic, Subject: sub, Time: s.Now().UTC().Format(time.RFC3339Nano), Content: "application/json",
		Data: map[string]json.RawMessage{},
	})
}

// facts are what of an event decides who hears of it.
type facts struct {
	CaseID string `json:"case_id"`
	CaseNo string `json:"case_no"`
	Item   string `json:"item"`
	Agency string `json:"agency"`
	Region string `json:"region"`
}

func factsOf(e event.Stored) (facts, error) {
	var f facts
	err := json.Unmarshal(e.Data, &f)
	return f, err
}
