package server

import (
	"context"
	"errors"
	"net/http"
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
	objects map[string]*page.Object // by path
}

// NewSite returns the application that serves the page's objects of one host.
// The seed decides the service times, the same for a request whatever the
// strategy.
func NewSite(clock *vtime.Clock, p *page.Page, host string, station *Station, seed uint64) *Site {
	s := &Site{clock: clock, station: station, seed: seed, objects: map[string]*page.Object{}}
	for i := range p.Objects {
		if o := &p.Objects[i]; o.Host == host {
			s.objects[o.Path] = o
		}
	}
	return s
}

// Station returns the station that requests pass through.
func (s *Site) Station() *Station { return s.station }

// Serve answers one request after its wait and its service time.
func (s *Site) Serve(ctx context.Context, r transport.Request) transport.Reply {
	o := s.objects[r.Path]
	if o == nil {
		return transport.Reply{Status: http.StatusNotFound}
	}
	if err := s.station.Enter(ctx); err != nil {
		if errors.Is(err, errFull) {
			return transport.Reply{Status: http.StatusServiceUnavailable}
		}
		return transport.Reply{Status: statusClientGone}
	}
	defer s.station.Leave()
	draw := random.New(s.seed, "service", uint64(r.ID.Client), uint64(r.ID.Serial))
	service := time.Duration(random.Draw(o.Service, draw))
	if err := s.clock.Sleep(ctx, r.ID.ServerKey(), service); err != nil {
		return transport.Reply{Status: statusClientGone}
	}
	return transport.Reply{Status: http.StatusOK, Body: o.Size}
}

// statusClientGone is what nginx logs for a request whose client went away.
const statusClientGone = 499
