package errs

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Kind says what sort of failure an error is; package web maps each to one HTTP status.
type Kind int

// The kinds. Anything that is not an *E is Internal.
const (
	Internal     Kind = iota // ours: logged, shown with a number to quote
	Invalid                  // the input is wrong: 422
	BadRequest               // the request cannot be read: 400
	Unauthorized             // nobody is signed in: 401
	Forbidden                // signed in, without the right: 403
	NotFound                 // no such thing, or not for you: 404
	Conflict                 // somebody was faster, or the state forbids it: 409
	Gone                     // it was here and has ended: 410
	TooLarge                 // 413
	TooMany                  // 429
	Unavailable              // a database or a neighbour is away: 503
	Full                     // no room left to store it: 507
)

// P holds the parameters of an error's text.
type P map[string]any

// Field is one finding tied to a place in the input.
type Field struct {
	Path   string // field key or JSON pointer, e.g. "shop.area"
	Key    string // text key
	Params P
}

// E is an error a person can be told about.
type E struct {
	Kind   Kind
	Key    string // text key, e.g. "cases.already_accepted"
	Params P
	Fields []Field
	cause  error
}

// New makes an error of a kind with a text key and, at most, one set of parameters.
func New(k Kind, key string, p ...P) *E {
	e := &E{Kind: k, Key: key}
	if len(p) > 0 {
		e.Params = p[0]
	}
	return e
}

// Wrap makes an error with a cause, which is logged and never shown.
func Wrap(cause error, k Kind, key string, p ...P) *E {
	e := New(k, key, p...)
	e.cause = cause
	return e
}

// Fields makes an Invalid error of several findings; it returns nil when there are none.
func Fields(key string, fs []Field) error {
	if len(fs) == 0 {
		return nil
	}
	return &E{Kind: Invalid, Key: key, Fields: fs}
}

// Error gives the key, parameters and cause for logs. Parameters must hold no personal data.
func (e *E) Error() string {
	var b strings.Builder
	b.WriteString(e.Key)
	keys := make([]string, 0, len(e.Params))
	for k := range e.Params {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, " %s=%v", k, e.Params[k])
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " [%s %s]", f.Path, f.Key)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *E) Unwrap() error { return e.cause }

// KindOf gives the kind of the first *E in the chain; a deadline that passed is Unavailable, everything else Internal.
func KindOf(err error) Kind {
	var e *E
	if errors.As(err, &e) {
		return e.Kind
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Unavailable
	}
	return Internal
}

// Is reports whether the chain holds an *E with this text key.
func Is(err error, key string) bool {
	var e *E
	return errors.As(err, &e) && e.Key == key
}

// As gives the first *E in the chain, or nil.
func As(err error) *E {
	var e *E
	if errors.As(err, &e) {
		return e
	}
	return nil
}
