package result

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Load is how one object of a page was loaded, in milliseconds from the start
// of the visit. What a request waited for a connection lies between Start and
// Sent, what the server and the path took between Sent and FirstByte.
type Load struct {
	Resource    string  `json:"resource"` // its name in the scenario
	Host        string  `json:"host"`
	Path        string  `json:"path"`
	StartMS     float64 `json:"start_ms"` // when the page asked for it
	SentMS      float64 `json:"sent_ms"`  // when the request was sent
	FirstByteMS float64 `json:"first_byte_ms"`
	EndMS       float64 `json:"end_ms"` // the last byte
	Bytes       int     `json:"bytes"`  // of the response's body
	OK          bool    `json:"ok"`
}

// SortLoads puts loads into the order of a waterfall: by start, those of one
// instant by their end, then by path.
func SortLoads(loads []Load) {
	slices.SortFunc(loads, func(a, b Load) int {
		return cmp.Or(
			cmp.Compare(a.StartMS, b.StartMS),
			cmp.Compare(a.EndMS, b.EndMS),
			cmp.Compare(a.Host, b.Host),
			cmp.Compare(a.Path, b.Path),
		)
	})
}

func (l *Load) check(field string) error {
	before := 0.0
	for _, moment := range []struct {
		name string
		at   float64
	}{
		{"start_ms", l.StartMS}, {"sent_ms", l.SentMS}, {"first_byte_ms", l.FirstByteMS}, {"end_ms", l.EndMS},
	} {
		if math.IsNaN(moment.at) || math.IsInf(moment.at, 0) {
			return fmt.Errorf("%s.%s: %v is not a finite number", field, moment.name, moment.at)
		}
		if moment.at < before {
			return fmt.Errorf("%s.%s: %v, but %v had passed before", field, moment.name, moment.at, before)
		}
		before = moment.at
	}
	return nil
}
