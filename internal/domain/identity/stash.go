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
