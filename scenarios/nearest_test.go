package scenarios

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"rtt", "jitter", "up", "down", "tcp"}
	for name, want := range map[string]string{"rt": "rtt", "RTT": "rtt", "jiter": "jitter", "dwon": "down", "bandwidth": "", "": ""} {
		if got := nearest(name, names); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
}
