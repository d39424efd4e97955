package client

import (
	"time"

	"protosim/model/measure"
	"protosim/model/transport"
)

// Exchange is one request of a page load as its client lived it.
type Exchange struct {
	Visit    int // of the client's, from 0
	Resource string
	Request  transport.Request
	Response transport.Response
	Outcome  measure.Outcome

	VisitBegan, Began, Ended time.Duration
}

// tell tells who listens of a request that has ended.
func (v *visit) tell(resource string, r transport.Request, began time.Duration, res transport.Response, o measure.Outcome) {
	if v.client.Exchange != nil {
		v.client.Exchange(Exchange{
			Visit: v.number, Resource: resource, Request: r, Response: res, Outcome: o,
			VisitBegan: v.began, Began: began, Ended: v.client.Clock.Now(),
		})
	}
}
