package identity

import "context"

// StaffName is a staff member's name, for the head of their own desk; empty if there is no such account.
func (s *Service) StaffName(ctx context.Context, id string) string {
	st, err := s.deps.Staff.Staff(ctx, id)
	if err != nil {
		return ""
	}
	return st.Name
}
