package notify

import (
	"context"
	"fmt"
	"time"
)

// SMS is a text message as a provider gets it. ID makes it idempotent: a provider that has had it answers as the first time.
type SMS struct {
	ID       string
	Phone    string
	Template string
	Sign     string
	Text     string
	Params   map[string]string
}

// Gateway is one provider of text messages. Errors are *SendError.
type Gateway interface {
	Name() string
	// Send hands a message over and gives the provider's id of it.
	Send(ctx context.Context, m SMS) (providerID string, err error)
	// Report asks what became of a message; state Sent if it is not known yet.
	Report(ctx context.Context, id string) (Report, error)
}

// Report is what a provider says became of a message.
type Report struct {
	Provider   string
	MessageID  string
	ProviderID string
	State      string // Sent, Delivered or Failed
	Problem    string // the provider's code
	Nonce      string // of a report that came in by itself
	At         time.Time
}

// SendError says what a failed hand-over means.
type SendError struct {
	Code      string // the provider's code or a short word of ours
	Permanent bool   // another try cannot help: bad number, refused text
	Unsure    bool   // the provider may have taken it: ask the same one again before another
	Cause     error
}

// Error is for logs; it holds no number.
func (e *SendError) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("sms %s: %v", e.Code, e.Cause)
	}
	return "sms " + e.Code
}

// Unwrap gives the cause.
func (e *SendError) Unwrap() error { return e.Cause }
