package archive

// SetPartBytes makes parts of exports small.
func (s *Service) SetPartBytes(n int64) { s.partBytes = n }

// PlainPath is plainPath, for its table.
var PlainPath = plainPath
