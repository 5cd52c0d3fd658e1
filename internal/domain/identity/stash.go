package identity

import (
	"net/url"
	"time"
)

// Stash is a form that was sent after the session had ended.

type Stash struct {
	Path   string     `json:"path"` // where it was posted
	Values url.Values `json:"values"`
}

const stashLife = time.Hour

// KeepStash seals a typed form for an hour and gives the token under which its owner gets it back after signing in again. sessionToken is the

// ended session's, or empty if unknown; the form then belongs to whoever holds the token. Errors: TooMany.

// OpenStash gives a kept form back to its owner; it stays until its hour is over, so that a page loaded twice shows it twice. Errors:

// Gone "identity.stash_gone" for one that ended, never was, or is another's.

// becameActor reports whether the owner was a shell that has since turned out to be the actor.

// Sweep removes what is over: codes, limits, kept forms, and sessions and tokens that ended thirty days ago. It is run once an hour.
