package report

// For tests.
var (
	Topology = topology
	Facts    = facts
)
