package trace

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// The binary form of a trace, for files and for the way from the engine to the
// viewer: about 15 bytes an event.
//
//	trace  = header *event 0
//	event  = what since *field      what: kind<<9 | which fields follow
//	since  = nanoseconds since the event before
//	field  = number | string        in the order of their bits
//	string = 0 length bytes | index of a string that came before, from 1
//
// All numbers are varints: unsigned, but for Bytes, Code and Until (relative to
// At), which are zigzag-coded. The first maxStrings strings have an index.
const (
	header = "protosim.trace/1\n"

	maxStrings = 1 << 16
	maxString  = 1 << 16 // bytes
)

// Bits that say which fields follow.
const (
	hasHost = 1 << iota
	hasPeer
	hasConn
	hasClient
	hasSerial
	hasBytes
	hasCode
	hasUntil
	hasText
	fieldBits = iota
)

// Encoder writes a trace.
type Encoder struct {
	w       io.Writer
	buf     []byte
	last    time.Duration
	strings map[string]uint64
	err     error
}

// NewEncoder returns an encoder that writes to w, a little at a time.
func NewEncoder(w io.Writer) *Encoder {
	return &Encoder{w: w, buf: []byte(header), strings: map[string]uint64{}}
}

// Encode writes an event. Events come in the order of time. After an error
// nothing more is written, and every call returns it.
func (c *Encoder) Encode(e Event) error {
	if c.err != nil {
		return c.err
	}
	if e.Kind == 0 || e.Kind > lastKind {
		return c.fail(fmt.Errorf("trace: an event of kind %d", e.Kind))
	}
	if e.At < c.last {
		return c.fail(fmt.Errorf("trace: an event at %v after one at %v", e.At, c.last))
	}
	if len(e.Text) > maxString {
		return c.fail(fmt.Errorf("trace: an event with a text of %d bytes", len(e.Text)))
	}
	var fields uint64
	for i, there := range [fieldBits]bool{
		e.Host != 0, e.Peer != 0, e.Conn != 0, e.Client != 0, e.Serial != 0,
		e.Bytes != 0, e.Code != 0, e.Until != 0, e.Text != "",
	} {
		if there {
			fields |= 1 << i
		}
	}
	b := binary.AppendUvarint(c.buf, uint64(e.Kind)<<fieldBits|fields)
	b = binary.AppendUvarint(b, uint64(e.At-c.last))
	for i, n := range [...]uint64{uint64(e.Host), uint64(e.Peer), e.Conn, uint64(e.Client), uint64(e.Serial)} {
		if fields>>i&1 != 0 {
			b = binary.AppendUvarint(b, n)
		}
	}
	if fields&hasBytes != 0 {
		b = binary.AppendVarint(b, int64(e.Bytes))
	}
	if fields&hasCode != 0 {
		b = binary.AppendVarint(b, int64(e.Code))
	}
	if fields&hasUntil != 0 {
		b = binary.AppendVarint(b, int64(e.Until-e.At))
	}
	if fields&hasText != 0 {
		b = c.appendString(b, e.Text)
	}
	c.buf, c.last = b, e.At
	return c.write()
}

func (c *Encoder) appendString(b []byte, s string) []byte {
	if i := c.strings[s]; i != 0 {
		return binary.AppendUvarint(b, i)
	}
	if n := len(c.strings); n < maxStrings {
		c.strings[s] = uint64(n + 1)
	}
	b = binary.AppendUvarint(append(b, 0), uint64(len(s)))
	return append(b, s...)
}

// Close writes the end of the trace, without which it counts as truncated. It
// does not close the writer.
func (c *Encoder) Close() error {
	if c.err != nil {
		return c.err
	}
	c.buf = append(c.buf, 0)
	if err := c.write(); err != nil {
		return err
	}
	c.err = errors.New("trace: the encoder is closed")
	return nil
}

func (c *Encoder) write() error {
	_, err := c.w.Write(c.buf)
	c.buf = c.buf[:0]
	if err != nil {
		return c.fail(err)
	}
	return nil
}

func (c *Encoder) fail(err error) error {
	c.err = err
	return err
}

// Decoder reads a trace.
type Decoder struct {
	r       *bufio.Reader
	begun   bool
	last    time.Duration
	strings []string
	read    uint64 // events
	err     error
}

// NewDecoder returns a decoder that reads from r, ahead of what it returns.
func NewDecoder(r io.Reader) *Decoder { return &Decoder{r: bufio.NewReader(r)} }

// Decode returns the next event, and io.EOF behind the last one. Any other
// error says what is wrong with the trace, and is final.
func (d *Decoder) Decode() (Event, error) {
	if d.err != nil {
		return Event{}, d.err
	}
	e, err := d.decode()
	if err != nil {
		if err != io.EOF {
			err = fmt.Errorf("trace: event %d: %w", d.read+1, err)
		}
		d.err = err
		return Event{}, err
	}
	d.read++
	return e, nil
}

var errRange = errors.New("a number is out of range")

func (d *Decoder) decode() (Event, error) {
	if !d.begun {
		if err := d.readHeader(); err != nil {
			return Event{}, err
		}
		d.begun = true
	}
	var e Event
	what, err := d.uvarint(math.MaxUint64)
	if err != nil {
		return e, err
	}
	if what == 0 {
		return e, io.EOF
	}
	kind, fields := what>>fieldBits, what&(1<<fieldBits-1)
	if kind == 0 || kind > uint64(lastKind) {
		return e, fmt.Errorf("kind %d is not known to this version", kind)
	}
	e.Kind = Kind(kind)
	since, err := d.uvarint(uint64(math.MaxInt64 - d.last))
	if err != nil {
		return e, err
	}
	e.At = d.last + time.Duration(since)
	d.last = e.At
	for i, to := range [...]*uint32{&e.Host, &e.Peer, nil, &e.Client, &e.Serial} {
		if fields>>i&1 == 0 {
			continue
		}
		if to == nil {
			if e.Conn, err = d.uvarint(math.MaxUint64); err != nil {
				return e, err
			}
			continue
		}
		n, err := d.uvarint(math.MaxUint32)
		if err != nil {
			return e, err
		}
		*to = uint32(n)
	}
	for _, f := range [...]struct {
		bit uint64
		to  *int
	}{{hasBytes, &e.Bytes}, {hasCode, &e.Code}} {
		if fields&f.bit == 0 {
			continue
		}
		n, err := d.varint()
		if err != nil {
			return e, err
		}
		if *f.to = int(n); int64(*f.to) != n {
			return e, errRange
		}
	}
	if fields&hasUntil != 0 {
		n, err := d.varint()
		if err != nil {
			return e, err
		}
		e.Until = e.At + time.Duration(n)
		if n > 0 && e.Until < e.At {
			return e, errRange
		}
	}
	if fields&hasText != 0 {
		if e.Text, err = d.string(); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (d *Decoder) readHeader() error {
	var h [len(header)]byte
	if _, err := io.ReadFull(d.r, h[:]); err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return err
	}
	if string(h[:]) != header {
		return fmt.Errorf("this is no trace of version 1: it begins with %q, not with %q", h, header)
	}
	return nil
}

// uvarint reads a number of at most limit.
func (d *Decoder) uvarint(limit uint64) (uint64, error) {
	n, err := binary.ReadUvarint(d.r)
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return 0, errTruncated
	case err != nil:
		return 0, fmt.Errorf("%w: %w", errRange, err)
	case n > limit:
		return 0, errRange
	}
	return n, nil
}

var errTruncated = fmt.Errorf("the trace is truncated: %w", io.ErrUnexpectedEOF)

func (d *Decoder) varint() (int64, error) {
	u, err := d.uvarint(math.MaxUint64)
	return int64(u>>1) ^ -int64(u&1), err
}

func (d *Decoder) string() (string, error) {
	i, err := d.uvarint(uint64(len(d.strings)))
	if err != nil {
		return "", err
	}
	if i > 0 {
		return d.strings[i-1], nil
	}
	n, err := d.uvarint(maxString)
	if err != nil {
		return "", err
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(d.r, b); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = errTruncated
		}
		return "", err
	}
	if len(d.strings) < maxStrings {
		d.strings = append(d.strings, string(b))
	}
	return string(b), nil
}
