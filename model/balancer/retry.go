package balancer

import "net/http"

// judge says whose fault it was that a try failed, and whether another backend
// may be asked. A request is repeated only if
//
//   - the client is still there, and its body has not been touched,
//   - no response has begun,
//   - and nothing can have been sent, or the request is one that net/http
//     itself would repeat: GET, HEAD, OPTIONS or TRACE, or one with an
//     Idempotency-Key, without a body.
//
// So what is not idempotent is never carried out twice.
func (b *Balancer) judge(t *try, r *http.Request, err error) (again bool) {
	x := t.x
	if x.gone() || x.body != nil && x.body.failed() != nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed(x.member)
	x.wish.tried = append(x.wish.tried, x.member)
	limit := b.cfg.Retries
	if limit == 0 {
		limit = len(b.members)
	}
	switch {
	case b.ctx.Err() != nil, len(x.wish.tried) > limit, t.answered.Load(), !b.any(x.wish):
		return false
	case x.body != nil:
		return !t.sent && x.body.untouched()
	}
	return !t.sent || repeatable(r)
}

// any reports whether there is another backend. The mutex is held.
func (b *Balancer) any(w wish) bool { return len(b.able(w, b.time.Now())) > 0 }

// repeatable is net/http's rule for requests without a body.
func repeatable(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	_, key := r.Header["Idempotency-Key"]
	_, other := r.Header["X-Idempotency-Key"]
	return key || other
}
