package cache

import (
	"errors"
	"net/http"
	"strconv"

	"protosim/model/vtime"
)

// exchange is a request on its way through the cache.
type exchange struct {
	c       *Cache
	r       *request
	w       *responseWriter
	key     vtime.Key
	idle    *vtime.Idle // of the client
	control *http.ResponseController
	waited  bool // for another's response
}

// ServeHTTP takes one request through the cache.
func (c *Cache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{c: c, key: c.requestKey(r), control: http.NewResponseController(w)}
	c.time.Yield(x.key)
	count(c, &c.stats.Requests, 1)
	x.r = c.read(r)
	x.idle = &vtime.Idle{Time: c.time, Key: with(x.key, watchKeys), Limit: c.cfg.IdleTimeout, Expire: x.expire}
	defer x.idle.End()
	x.w = &responseWriter{ResponseWriter: w, x: x, multiplexed: r.ProtoMajor == 2, head: r.Method == http.MethodHead}
	defer x.w.finish()
	switch why := x.r.bypass(); {
	case !x.permitted():
	case x.r.upgrades():
		x.tunnel()
	case why != "":
		x.pass(why)
	default:
		x.answer()
	}
}

// expire gives up a client that does not read, or does not send.
func (x *exchange) expire() {
	x.control.SetWriteDeadline(past)
	x.control.SetReadDeadline(past)
}

// permitted refuses what a cache does not carry.
func (x *exchange) permitted() bool {
	r := x.r
	switch {
	case r.Method == http.MethodConnect:
		x.refuse(http.StatusMethodNotAllowed)
		return false
	case len(r.header["Host"]) > 0, r.host == "" && r.ProtoAtLeast(1, 1), r.host != "" && !validHost(r.Host), !validTarget(r.Request):
		x.refuse(http.StatusBadRequest)
		return false
	}
	if r.Method == http.MethodTrace || r.Method == http.MethodOptions { // RFC 9110 section 7.6.2
		if text := r.header.Get("Max-Forwards"); text != "" {
			n, err := strconv.ParseUint(text, 10, 31)
			if err != nil {
				x.refuse(http.StatusBadRequest)
				return false
			}
			if n == 0 {
				count(x.c, &x.c.stats.Refused, 1)
				x.w.Header().Set("Content-Length", "0")
				x.w.WriteHeader(http.StatusOK)
				return false
			}
			r.header.Set("Max-Forwards", strconv.FormatUint(n-1, 10))
		}
	}
	return true
}

// refuse answers by itself.
func (x *exchange) refuse(status int) {
	count(x.c, &x.c.stats.Refused, 1)
	x.fail(status)
}

// fail answers with an error.
func (x *exchange) fail(status int) {
	x.w.Header().Set("Cache-Control", "no-store")
	http.Error(x.w, http.StatusText(status), status)
}

// answer answers a GET or HEAD, from what is stored if that will do.
func (x *exchange) answer() {
	c, r := x.c, x.r
	c.mu.Lock()
	o, v, others := c.lookUp(r.uri, r.header, &r.directives, c.time.Now())
	switch v {
	case fresh:
		x.answers(Hit)
		c.mu.Unlock()
		x.respond(o, source{hit: true})
		return
	case stale, renew:
		x.answers(Stale)
		mine := v == renew && !o.revalidating
		o.revalidating = o.revalidating || mine
		c.mu.Unlock()
		if mine {
			c.time.Go(with(x.key, renewKeys), func() { x.renew(o) })
		}
		x.respond(o, source{hit: true})
		return
	}
	if r.directives.onlyIfCached { // RFC 9111 section 5.2.1.7
		c.mu.Unlock()
		x.refuse(http.StatusGatewayTimeout)
		return
	}
	why := "uri-miss"
	switch {
	case o != nil && o.timing.lifetime > o.timing.age(c.time.Now()) && !o.directives.noCache:
		why = "request"
	case o != nil:
		why = "stale"
	case others:
		why = "vary-miss"
	}
	if r.Method == http.MethodHead && o == nil || r.header.Get("Range") != "" && o == nil {
		// What comes would not be complete.
		c.mu.Unlock()
		x.pass(why)
		return
	}
	if f := c.toWaitFor(r.uri); f != nil && !x.waited && x.mayShare() {
		c.mu.Unlock()
		x.wait(f)
		return
	}
	f := c.takeOff(x)
	c.mu.Unlock()
	x.fetch(f, o, why)
}

// answerError answers where upstream gave no response.
func (x *exchange) answerError(err error, why string) {
	if x.r.Context().Err() != nil && !errors.Is(err, errSilent) {
		panic(http.ErrAbortHandler) // nobody is there to be answered
	}
	status := http.StatusBadGateway
	if isTimeout(err) {
		status = http.StatusGatewayTimeout
	}
	x.w.Header().Set("Cache-Status", cacheStatus(x.c.cfg.Name, source{why: why}, 0))
	x.fail(status)
}
