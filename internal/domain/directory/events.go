package directory

// BaseChanged tells that a version of a base item became effective. Its adopters are asked to follow; those of a cancelled or split item move to
// its successors.
type BaseChanged struct {
	Code    string `json:"code"`
	Version int    `json:"version"`
	Kind    Kind   `json:"kind"`
}

// Topic is the event's name.
func (BaseChanged) Topic() string { return "directory.base_changed" }
