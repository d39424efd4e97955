package retry

// Throttle is gRPC's retry throttling (proposal A6): a bucket of tokens that
// failures empty and successes fill slowly. While half of it or less is left,
// failed calls are not retried. It is shared by all of a client's calls to one
// server.
type Throttle struct {
	max, ratio, tokens float64
}

// NewThrottle returns a full bucket of max tokens, into which each success puts
// ratio of a token. gRPC's examples have 10 tokens and a ratio of 0.1.
func NewThrottle(max, ratio float64) *Throttle {
	return &Throttle{max: max, ratio: ratio, tokens: max}
}

// Succeeded notes a call that went well.
func (t *Throttle) Succeeded() { t.tokens = min(t.tokens+t.ratio, t.max) }

// Failed notes a failed call, and reports whether it may be retried.
func (t *Throttle) Failed() bool {
	t.tokens = max(t.tokens-1, 0)
	return t.tokens > t.max/2
}

// Tokens returns how much is in the bucket.
func (t *Throttle) Tokens() float64 { return t.tokens }
