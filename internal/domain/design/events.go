package design

// PublishedEvent tells that a change was published: what is new in force.
type PublishedEvent struct {
	Change  string `json:"change"`
	Act     Act    `json:"act"`
	Item    string `json:"item,omitempty"`
	Pack    string `json:"pack,omitempty"`
	Version int64  `json:"version,omitempty"` // of the pack
}

// Topic is the event's name.
func (PublishedEvent) Topic() string { return "design.published" }
