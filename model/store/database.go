package store

import (
	"container/list"
	"time"
)

// Eviction says what a full store does.
type Eviction string

// The policies of redis-server that session stores run with. Where Redis
// samples a few keys for the one that was not used for longest, this store
// knows it.
const (
	NoEviction Eviction = "noeviction" // writes fail
	LRU        Eviction = "allkeys-lru"
)

// entryOverhead is what an entry takes besides its key and value, and the
// reserve of the allocator, in bytes. TestMemoryAsRedis compares it.
const entryOverhead = 136

// outOfMemory is what redis-server answers to writes when its memory is used up.
const outOfMemory = "OOM command not allowed when used memory > 'maxmemory'."

// database is the data of one redis-server.
type database struct {
	limit    int // bytes; 0 for none
	eviction Eviction

	entries map[string]*entry
	recent  list.List // of *entry, the most recently used in front
	expiry  expiryQueue[*entry]
	bytes   int

	evicted, expired int
}

type entry struct {
	key   string
	value []byte
	used  *list.Element
	expiring
}

func newDatabase(limit int, eviction Eviction) *database {
	return &database{limit: limit, eviction: eviction, entries: map[string]*entry{}}
}

func (e *entry) size() int { return len(e.key) + len(e.value) + entryOverhead }

// expire drops what is over at the time now.
func (d *database) expire(now time.Duration) {
	for e := range d.expiry.due(now) {
		d.expired++
		d.drop(e)
	}
}

// get returns an entry that is about to be used, or nil.
func (d *database) get(key []byte) *entry {
	e := d.entries[string(key)]
	if e != nil {
		d.recent.MoveToFront(e.used)
	}
	return e
}

// set changes the value of a key, or adds it. The entry does not expire unless
// it did before.
func (d *database) set(key, value []byte) *entry {
	e := d.get(key)
	if e == nil {
		e = &entry{key: string(key), expiring: never}
		e.used = d.recent.PushFront(e)
		d.entries[e.key] = e
		d.bytes += e.size()
	}
	d.bytes += len(value) - len(e.value)
	e.value = value
	return e
}

// delete forgets a key, and reports whether it was there.
func (d *database) delete(key []byte) bool {
	e := d.entries[string(key)]
	if e == nil {
		return false
	}
	d.expiry.set(e, 0)
	d.drop(e)
	return true
}

// drop takes out an entry that is not in the expiry queue.
func (d *database) drop(e *entry) {
	delete(d.entries, e.key)
	d.recent.Remove(e.used)
	d.bytes -= e.size()
}

// makeRoom is called before each command, and reports whether there is room
// for more. As in Redis, the command itself may go above the limit.
func (d *database) makeRoom() bool {
	for d.limit > 0 && d.bytes > d.limit {
		oldest := d.recent.Back()
		if d.eviction != LRU || oldest == nil {
			return false
		}
		d.evicted++
		d.delete([]byte(oldest.Value.(*entry).key))
	}
	return true
}
