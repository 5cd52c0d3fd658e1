package org

import "context"

// SharedAgencies is Agencies without a copy, for who asks many times a second: nobody changes it, and it is the same array until the room changes.
func (s *Service) SharedAgencies(ctx context.Context) []Agency { return s.all(ctx).agencies }
