package balancer

// startChecks begins the active checks of a member. The mutex is held.
func (b *Balancer) startChecks(m *member) {}
