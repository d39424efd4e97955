package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"protosim/model/page"
	"protosim/model/random"
	"protosim/model/transport"
	"protosim/model/vtime"
)

// Site is the application of one host: it answers requests for a page's objects.
type Site struct {
	clock   *vtime.Clock
	station *Station
	seed    uint64
	page    *page.Page
	objects map[string][]int // by method and path: indices of the page's objects
}

// NewSite returns the application that serves the page's objects of one host.
// The seed decides the service times, the same for a request whatever the
// strategy.
func NewSite(clock *vtime.Clock, p *page.Page, host string, station *Station, seed uint64) *Site {
	s := &Site{clock: clock, station: station, seed: seed, page: p, objects: map[string][]int{}}
	for i, o := range p.Objects {
		if o.Host == host {
			name := o.Method + " " + o.Path
			s.objects[name] = append(s.objects[name], i)
		}
	}
	return s
}

// object finds what a request asks for. A page may ask for the same path twice
// and get different answers: a redirect, and then the document. The requests of
// a visit are numbered like the page's objects.
func (s *Site) object(r transport.Request) *page.Object {
	candidates := s.objects[r.Method+" "+r.Path]
	if len(candidates) == 0 {
		return nil
	}
	wanted := int(r.ID.Serial) % len(s.page.Objects)
	if slices.Contains(candidates, wanted) {
		return &s.page.Objects[wanted]
	}
	return &s.page.Objects[candidates[0]]
}

// Station returns the station that requests pass through.
func (s *Site) Station() *Station { return s.station }

// Serve answers one request after its wait and its service time.
func (s *Site) Serve(ctx context.Context, r transport.Request) transport.Reply {
	o := s.object(r)
	if o == nil {
		return transport.Reply{Status: http.StatusNotFound}
	}
	if err := s.station.Enter(ctx); err != nil {
		return transport.Reply{Status: Status(err)}
	}
	defer s.station.Leave()
	draw := random.New(s.seed, "service", uint64(r.ID.Client), uint64(r.ID.Serial))
	service := time.Duration(random.Draw(o.Service, draw))
	if err := s.station.Work(ctx, r.ID.ServerKey(), service, draw); err != nil {
		return transport.Reply{Status: Status(err)}
	}
	return transport.Reply{Status: http.StatusOK, Body: o.Size}
}
