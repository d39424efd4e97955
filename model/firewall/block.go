package firewall

// How a blocked port looks to the client depends on where the firewall sits. A
// Gateway refuses the dial itself, or lets it hear nothing (Config.Silent). In
// Handle and Serve the connection is there already: it is reset, or accepted
// and left without an answer.

// Blocks reports whether dials to the address are refused, and counts it then.
func (f *Firewall) Blocks(address string) bool {
	if f.cfg.Kind == Explicit || !f.cfg.blocks(portOf(address)) {
		return false
	}
	f.count(func(s *Stats) {
		s.Connections++
		s.Refused[ByPort]++
	})
	return true
}
