package cache

import (
	"net/http"
	"slices"
)

// resource is what is stored for one URI: a response for each kind of request
// that Vary tells apart, the latest last.
type resource struct {
	key      string
	variants []*object
	cost     int64
}

// store is all that is stored. The cache's mutex guards it.
type store struct {
	order   order
	limit   int64
	most    int // variants of a resource
	bytes   int64
	objects int
	evicted int
}

func newStore(cfg Config) *store {
	s := &store{limit: cfg.Memory, most: cfg.MaxVariants}
	if cfg.Policy == TwoQueue {
		s.order = newTwoQueue(cfg.Memory)
	} else {
		s.order = &lru{*newQueue()}
	}
	return s
}

// get returns the latest response that fits a request, and whether there are
// others for its URI.
func (s *store) get(key string, request http.Header) (o *object, others bool) {
	r := s.order.get(key)
	if r == nil {
		return nil, false
	}
	for i := len(r.variants) - 1; i >= 0; i-- {
		if o := r.variants[i]; fits(o.vary, request) {
			return o, false
		}
	}
	return nil, true
}

// put stores a response in the place of those that it stands for too.
func (s *store) put(key string, o *object, request http.Header) {
	if o.cost > s.limit {
		return
	}
	r := s.order.peek(key)
	known := r != nil
	if !known {
		r = &resource{key: key}
	}
	before := r.cost
	r.variants = slices.DeleteFunc(r.variants, func(old *object) bool {
		if fits(old.vary, request) {
			s.forget(r, old)
			return true
		}
		return false
	})
	if len(r.variants) >= s.most {
		s.forget(r, r.variants[0])
		s.evicted++
		r.variants = slices.Delete(r.variants, 0, 1)
	}
	r.variants = append(r.variants, o)
	r.cost += o.cost
	s.bytes += o.cost
	s.objects++
	if known {
		s.order.resized(r, r.cost-before)
	}
	s.order.put(r)
	for s.bytes > s.limit {
		oldest := s.order.oldest()
		s.order.evict(oldest)
		s.bytes -= oldest.cost
		s.objects -= len(oldest.variants)
		s.evicted += len(oldest.variants)
	}
}

// replace puts a response in the place of another, if that is still there.
func (s *store) replace(key string, old, o *object) {
	r := s.order.peek(key)
	if r == nil {
		return
	}
	i := slices.Index(r.variants, old)
	if i < 0 {
		return
	}
	r.variants[i] = o
	change := o.cost - old.cost
	r.cost += change
	s.bytes += change
	s.order.resized(r, change)
}

// drop removes one response.
func (s *store) drop(key string, o *object) {
	r := s.order.peek(key)
	if r == nil {
		return
	}
	i := slices.Index(r.variants, o)
	if i < 0 {
		return
	}
	if len(r.variants) == 1 {
		s.remove(key)
		return
	}
	before := r.cost
	s.forget(r, o)
	r.variants = slices.Delete(r.variants, i, i+1)
	s.order.resized(r, r.cost-before)
}

// remove removes all that is stored for a URI, and reports whether there was any.
func (s *store) remove(key string) bool {
	r := s.order.peek(key)
	if r == nil {
		return false
	}
	s.order.remove(key)
	s.bytes -= r.cost
	s.objects -= len(r.variants)
	return true
}

// forget takes an object off the books.
func (s *store) forget(r *resource, o *object) {
	r.cost -= o.cost
	s.bytes -= o.cost
	s.objects--
}
