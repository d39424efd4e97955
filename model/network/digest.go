package network

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"time"
)

// digest hashes a record of fixed size for each packet that arrives.
type digest struct {
	hash hash.Hash
	buf  []byte
}

func (d *digest) init() {
	d.hash = sha256.New()
	d.buf = make([]byte, 0, 4096)
}

// add hashes what tells one run from another. Payload stays out of it: masks,
// key streams and random headers differ each time and change nothing else.
func (d *digest) add(now time.Duration, s *segment) {
	if len(d.buf)+32 > cap(d.buf) {
		d.hash.Write(d.buf)
		d.buf = d.buf[:0]
	}
	b := d.buf
	b = binary.LittleEndian.AppendUint64(b, uint64(now))
	b = binary.LittleEndian.AppendUint64(b, s.from.id<<32|s.to.id)
	b = binary.LittleEndian.AppendUint32(b, uint32(s.fromPort)<<16|uint32(s.toPort))
	b = binary.LittleEndian.AppendUint64(b, uint64(s.seq))
	b = binary.LittleEndian.AppendUint32(b, uint32(s.flags)<<24|uint32(s.payload()))
	d.buf = b
}

func (d *digest) String() string {
	d.hash.Write(d.buf)
	d.buf = d.buf[:0]
	return hex.EncodeToString(d.hash.Sum(nil)[:16])
}
