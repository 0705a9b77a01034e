package auth

// Snapshots returns how many tokens are in memory.
func (s *Service) Snapshots() int { return s.snapshots.len() }
