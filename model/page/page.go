// Package page resolves a scenario's page into its objects: what one visit
// requests, in which order, and how large the answers are.
package page

import (
	"fmt"
	"net/http"
	"strings"

	"protosim/model/random"
	"protosim/scenarios"
)

// Page is a resolved page. It is the same for all clients and strategies.
type Page struct {
	Objects   []Object
	Resources []Resource
	Hosts     []string // in the order of first use
}

// Object is one thing to request.
type Object struct {
	Resource int // index of what it belongs to
	Host     string
	Method   string
	Path     string
	Body     int // bytes of the request's body
	Size     int // bytes of the response's body
	Service  scenarios.DurationDist
}

// Resource is a group of objects that are requested together.
type Resource struct {
	Name         string
	First, Count int   // its objects
	Needs        int   // how many resources must be complete before it
	Feeds        []int // resources that wait for it
}

// Resolve draws the sizes of a scenario's page from the seed.
func Resolve(s *scenarios.Scenario, seed uint64) (*Page, error) {
	p := &Page{}
	index := map[string]int{}
	hosts := map[string]bool{}
	for i, r := range s.Page.Resources {
		index[r.Name] = i
		if !hosts[r.Host] {
			hosts[r.Host] = true
			p.Hosts = append(p.Hosts, r.Host)
		}
		service := s.Servers.ServiceTime
		if r.ServiceTime != nil {
			service = *r.ServiceTime
		}
		draw := random.New(seed, "size of "+r.Name)
		p.Resources = append(p.Resources, Resource{Name: r.Name, First: len(p.Objects), Count: r.Count})
		for k := range r.Count {
			size := random.Draw(r.Size, draw)
			if r.Size.Shape == scenarios.Listed {
				size = r.Size.Values[k%len(r.Size.Values)]
			}
			if r.Method == http.MethodHead {
				size = 0 // of the body, which such a response has none of
			}
			p.Objects = append(p.Objects, Object{
				Resource: i,
				Host:     r.Host,
				Method:   r.Method,
				Path:     path(r, k),
				Body:     int(r.Body),
				Size:     int(size),
				Service:  service,
			})
		}
	}
	for i, r := range s.Page.Resources {
		for _, name := range r.After {
			j, ok := index[name]
			if !ok {
				return nil, fmt.Errorf("page: %s comes after %s, which does not exist", r.Name, name)
			}
			p.Resources[i].Needs++
			p.Resources[j].Feeds = append(p.Resources[j].Feeds, i)
		}
	}
	return p, nil
}

// path gives each of several objects a number of its own, before a query.
func path(r scenarios.Resource, k int) string {
	if r.Count == 1 {
		return r.Path
	}
	base, query, found := strings.Cut(r.Path, "?")
	numbered := fmt.Sprintf("%s/%d", strings.TrimSuffix(base, "/"), k)
	if found {
		numbered += "?" + query
	}
	return numbered
}
