package scenarios

// Counter is a number that is known at any moment of a run, and that a
// condition may look at.
type Counter struct{ Name, Meaning string }

// Counters returns all of them.
func Counters() []Counter {
	return []Counter{
		{"time", "seconds since the start of the run"},
		{"connections.open", "connections of clients that are open"},
		{"clients.unserved", "clients that are without service"},
		{"clients.finished", "clients that are done"},
		{"requests.total", "requests started so far"},
		{"requests.open", "requests under way"},
		{"requests.ok", "requests answered so far"},
		{"requests.failed", "requests that have failed so far"},
		{"sessions.total", "sessions begun so far"},
		{"sessions.lost", "sessions lost so far"},
		{"disconnects.total", "disconnects so far"},
		{"reconnects.total", "attempts to come back so far"},
		{"servers.running", "servers whose process runs"},
	}
}

func counterNames() []string {
	var names []string
	for _, c := range Counters() {
		names = append(names, c.Name)
	}
	return names
}
