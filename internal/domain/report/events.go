package report

// SealedEvent tells that the numbers of a month were sealed.
type SealedEvent struct {
	ReportID string `json:"report_id"`
	Month    string `json:"month"`
	Region   string `json:"region"`
	Version  int    `json:"version"`
	SM3      string `json:"sm3"`
}

// Topic is the event's name.
func (SealedEvent) Topic() string { return "report.sealed" }

// ExportedEvent tells that an export is there to be fetched, or that it failed.
type ExportedEvent struct {
	ExportID string `json:"export_id"`
	Staff    string `json:"staff"`
	Rows     int    `json:"rows"`
	Failed   bool   `json:"failed,omitempty"`
}

// Topic is the event's name.
func (ExportedEvent) Topic() string { return "report.exported" }
