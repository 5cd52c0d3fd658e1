package archive

// MadeEvent tells that the package of a case was made.
type MadeEvent struct {
	PackageID string `json:"package_id"`
	CaseID    string `json:"case_id"`
	Agency    string `json:"agency"`
	Region    string `json:"region"`
	Period    string `json:"period"`
	Sound     bool   `json:"sound"`
}

// Topic is the event's name.
func (MadeEvent) Topic() string { return "archive.made" }

// UnsoundEvent tells that an examination found something grave in a package that was sound before, or that it could not be read.
type UnsoundEvent struct {
	PackageID string `json:"package_id"`
	CaseID    string `json:"case_id"`
	Agency    string `json:"agency"`
	Region    string `json:"region"`
}

// Topic is the event's name.
func (UnsoundEvent) Topic() string { return "archive.unsound" }

// ExportedEvent tells that an export is ready to be fetched.
type ExportedEvent struct {
	ExportID string `json:"export_id"`
	Staff    string `json:"staff"`
	Packages int    `json:"packages"`
	Parts    int    `json:"parts"`
}

// Topic is the event's name.
func (ExportedEvent) Topic() string { return "archive.exported" }
