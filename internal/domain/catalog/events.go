package catalog

// Published is the fact that an item has a new current version.
type Published struct {
	Item    string `json:"item"`
	Version int    `json:"version"`
}

// Topic makes Published an event.
func (Published) Topic() string { return "catalog.published" }

// StateChanged is the fact that an item was suspended, cancelled or taken into use again. State is a code of list state.
type StateChanged struct {
	Item  string `json:"item"`
	State string `json:"state"`
}

// Topic makes StateChanged an event.
func (StateChanged) Topic() string { return "catalog.state_changed" }

// ListLoaded is the fact that a batch of a list is in the catalogue. Seq is the number of the change, by which the items can be asked for.
type ListLoaded struct {
	Seq     int64 `json:"seq"`
	Added   int   `json:"added"`
	Changed int   `json:"changed"`
}

// Topic makes ListLoaded an event.
func (ListLoaded) Topic() string { return "catalog.list_loaded" }
