package catalog

// Published is the fact that an item has a new current version.
type Published struct {
	Item    string `json:"item"`
	Version int    `json:"version"`
}

// Topic makes Published an event.
func (Published) Topic() string { return "catalog.published" }
