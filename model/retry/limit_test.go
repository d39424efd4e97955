package retry_test

import (
	"testing"
	"time"

	"protosim/model/retry"
)

// A series ends with its last attempt, or when the next would come too late.
func TestLimit(t *testing.T) {
	policy := retry.Policy{Kind: retry.Exponential, Base: 100 * ms} // waits 100, 200, 400 …
	for name, test := range map[string]struct {
		limit retry.Limit
		want  int // attempts
		ends  time.Duration
	}{
		"attempts":       {retry.Limit{Attempts: 4}, 4, 700 * ms},
		"one":            {retry.Limit{Attempts: 1}, 1, 0},
		"time":           {retry.Limit{Elapsed: time.Second}, 4, 700 * ms},
		"time met":       {retry.Limit{Elapsed: 700 * ms}, 4, 700 * ms},
		"time just not":  {retry.Limit{Elapsed: 699 * ms}, 3, 300 * ms},
		"whatever first": {retry.Limit{Attempts: 3, Elapsed: time.Hour}, 3, 300 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			const start = 5 * time.Second
			now := start
			s := retry.Behaviour{Policy: policy, Limit: test.limit}.Begin(now, stream())
			for {
				wait, again := s.Failed(now)
				if !again {
					break
				}
				now += wait
			}
			if s.Attempts() != test.want || now-start != test.ends {
				t.Errorf("%d attempts, the last after %v; want %d, %v", s.Attempts(), now-start, test.want, test.ends)
			}
		})
	}
	unlimited := retry.Behaviour{}.Begin(0, nil)
	for range 1000 {
		if _, again := unlimited.Failed(time.Hour); !again {
			t.Fatal("a series without a limit ends")
		}
	}
}
