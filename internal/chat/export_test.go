package chat

// Crash ends the service as a crash would: nothing more is written.
func (s *Service) Crash() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.end(errLost)
	s.work.Wait()
}

// Executing is how many runs are executed.
func (s *Service) Executing() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.runners)
}
