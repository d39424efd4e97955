package session

import (
	"time"

	"protosim/model/retry"
	"protosim/scenarios"
)

// guard is what keeps a client from making an outage worse. What the scenario
// leaves out is nil and lets everything through.
type guard struct {
	budget  *retry.Budget
	tokens  *retry.Throttle
	quota   *retry.Quota
	breaker *retry.Breaker
	comings *retry.Budget // back
	slot    time.Duration // how long to wait for what is not allowed at present
}

func newGuard(c scenarios.Clients) *guard {
	g := &guard{slot: c.Reconnect.Base.Std()}
	if b := c.RetryBudget; b.Window > 0 {
		g.budget = &retry.Budget{Ratio: float64(b.Ratio), Floor: b.Floor, Window: b.Window.Std()}
	}
	if t := c.RetryTokens; t.Capacity > 0 {
		g.tokens = retry.NewThrottle(float64(t.Capacity), float64(t.Refill))
	}
	if c.RetryQuota > 0 {
		g.quota = retry.NewQuota(c.RetryQuota)
	}
	if b := c.Breaker; b.Failures > 0 {
		g.breaker = &retry.Breaker{Failures: b.Failures, OpenFor: b.Open.Std(), Probes: b.Probes}
		g.slot = max(g.slot, b.Open.Std()/10)
	}
	if b := c.ReconnectBudget; b.Window > 0 {
		g.comings = &retry.Budget{Floor: b.Attempts, Window: b.Window.Std()}
		g.slot = max(g.slot, b.Window.Std()/10)
	}
	return g
}

// requested notes a request, before its first attempt.
func (g *guard) requested(now time.Duration) {
	if g.budget != nil {
		g.budget.Requested(now)
	}
}

// call is one attempt that a guard has let through.
type call struct {
	ticket retry.Ticket
	price  int // of a retry
}

// allow reports whether anything may be asked of the servers now.
func (g *guard) allow(now time.Duration) (call, bool) {
	if g.breaker == nil {
		return call{}, true
	}
	t, ok := g.breaker.Allow(now)
	return call{ticket: t}, ok
}

// comeBack reports whether the client may try now to come back.
func (g *guard) comeBack(now time.Duration) bool {
	return g.comings == nil || g.comings.Take(now)
}

// succeeded notes how an allowed call went well.
func (g *guard) succeeded(c call, now time.Duration) {
	if g.breaker != nil {
		g.breaker.Done(c.ticket, now, true)
	}
	if g.tokens != nil {
		g.tokens.Succeeded()
	}
	if g.quota != nil {
		g.quota.Succeeded(c.price)
	}
}

// failed notes that an allowed call went wrong, and reports whether more tokens
// are left than half.
func (g *guard) failed(c call, now time.Duration) (retry bool) {
	if g.breaker != nil {
		g.breaker.Done(c.ticket, now, false)
	}
	return g.tokens == nil || g.tokens.Failed()
}

// retry reports whether a failed call may be made again, and at what price.
func (g *guard) retry(now time.Duration, afterTimeout bool) (price int, ok bool) {
	if g.quota != nil {
		if price, ok = g.quota.Take(afterTimeout); !ok {
			return 0, false
		}
	}
	return price, g.budget == nil || g.budget.Take(now)
}
