package retry

// Quota is the AWS SDKs' retry quota (standard mode): a bucket from which each
// retry buys itself, at twice the price after a timeout. A retry that succeeds
// gets its price back, and a first attempt that succeeds puts in one token. An
// empty bucket means no retries.
type Quota struct {
	capacity, left   int
	price, timeout   int
	firstTrySucceeds int
}

// NewQuota returns a full bucket with the SDKs' prices: 5 for a retry, 10 for
// one after a timeout. Their capacity is 500.
func NewQuota(capacity int) *Quota {
	return &Quota{capacity: capacity, left: capacity, price: 5, timeout: 10, firstTrySucceeds: 1}
}

// Take buys a retry. It returns the price, which is for Succeeded.
func (q *Quota) Take(afterTimeout bool) (price int, ok bool) {
	price = q.price
	if afterTimeout {
		price = q.timeout
	}
	if q.left < price {
		return 0, false
	}
	q.left -= price
	return price, true
}

// Succeeded notes a call that went well, and what its last retry cost, 0 for
// none.
func (q *Quota) Succeeded(price int) {
	if price == 0 {
		price = q.firstTrySucceeds
	}
	q.left = min(q.left+price, q.capacity)
}

// Left returns how much is in the bucket.
func (q *Quota) Left() int { return q.left }
