package store

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// Limits of what a client may send, as redis-server has them.
const (
	maxInline = 64 << 10  // bytes of a command that is one line
	maxArgs   = 1<<31 - 1 // parts of a command
	maxBulk   = 512 << 20 // bytes of a part
	readAhead = 64 << 10  // bytes believed to come before they do
)

// commandReader reads commands of the Redis protocol, as arrays of bulk
// strings or as plain lines.
type commandReader struct{ r *bufio.Reader }

// protocolError is what a client has sent that is no command. The connection
// cannot go on after it.
type protocolError string

func (e protocolError) Error() string { return "Protocol error: " + string(e) }

func newCommandReader(r io.Reader) *commandReader {
	return &commandReader{bufio.NewReaderSize(r, 4<<10)}
}

// next returns the parts of the next command, of which there is at least one.
func (c *commandReader) next() ([][]byte, error) {
	for {
		first, err := c.r.Peek(1)
		if err != nil {
			return nil, err
		}
		var args [][]byte
		if first[0] == '*' {
			args, err = c.array()
		} else {
			args, err = c.inline()
		}
		if err != nil || len(args) > 0 {
			return args, err
		}
	}
}

// inline reads a command as a person types it.
func (c *commandReader) inline() ([][]byte, error) {
	line, err := c.until('\n', "too big inline request")
	if err != nil {
		return nil, err
	}
	return splitLine(line)
}

// array reads a command as a program sends it.
func (c *commandReader) array() ([][]byte, error) {
	header, err := c.header("too big mbulk count string")
	if err != nil {
		return nil, err
	}
	n, ok := parseInteger(header[1:])
	if !ok || n > maxArgs {
		return nil, protocolError("invalid multibulk length")
	}
	var args [][]byte
	for range n {
		line, err := c.header("too big bulk count string")
		if err != nil {
			return nil, err
		}
		if len(line) == 0 || line[0] != '$' {
			return nil, protocolError(fmt.Sprintf("expected '$', got '%s'", firstCharacter(line)))
		}
		size, ok := parseInteger(line[1:])
		if !ok || size < 0 || size > maxBulk {
			return nil, protocolError("invalid bulk length")
		}
		arg, err := c.bulk(int(size))
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	return args, nil
}

// bulk reads a part of size bytes, and the two that end it. It takes memory as
// the bytes come, for their number may be a lie.
func (c *commandReader) bulk(size int) ([]byte, error) {
	b := make([]byte, 0, min(size, readAhead))
	for len(b) < size {
		n := min(size-len(b), max(len(b), readAhead))
		b = append(b, make([]byte, n)...)
		if _, err := io.ReadFull(c.r, b[len(b)-n:]); err != nil {
			return nil, err
		}
	}
	_, err := c.r.Discard(len("\r\n")) // whatever they are, as redis-server does
	return b, err
}

// header reads up to a carriage return, and the byte behind it, whatever it is.
func (c *commandReader) header(tooLong string) ([]byte, error) {
	line, err := c.until('\r', tooLong)
	if err != nil {
		return nil, err
	}
	_, err = c.r.Discard(1)
	return line, err
}

// until reads up to a byte, which it leaves out.
func (c *commandReader) until(end byte, tooLong string) ([]byte, error) {
	var line []byte
	for {
		part, err := c.r.ReadSlice(end)
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case err != bufio.ErrBufferFull:
			return nil, err
		case len(line) >= maxInline:
			return nil, protocolError(tooLong)
		}
	}
}

// parseInteger reads a number as the protocol writes it.
func parseInteger(b []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(b), 10, 64)
	return n, err == nil && (len(b) == 0 || b[0] != '+')
}

func firstCharacter(line []byte) string {
	if len(line) == 0 {
		return " "
	}
	return string(line[:1])
}

// splitLine splits a command that a person typed: parts are separated by
// spaces, and may be in quotes.
func splitLine(line []byte) ([][]byte, error) {
	const unbalanced = protocolError("unbalanced quotes in request")
	var args [][]byte
	for {
		line = bytes.TrimLeft(line, " \t\r\n\v\f\x00")
		if len(line) == 0 {
			return args, nil
		}
		var arg []byte
		for len(line) > 0 && !isSpace(line[0]) {
			if line[0] != '"' && line[0] != '\'' {
				arg = append(arg, line[0])
				line = line[1:]
				continue
			}
			part, rest, ok := quoted(line)
			if !ok || len(rest) > 0 && !isSpace(rest[0]) {
				return nil, unbalanced
			}
			arg, line = append(arg, part...), rest
		}
		if arg == nil {
			arg = []byte{}
		}
		args = append(args, arg)
	}
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' || c == 0 }

// quoted takes the string in quotes that line begins with.
func quoted(line []byte) (s, rest []byte, ok bool) {
	quote := line[0]
	for i := 1; i < len(line); i++ {
		c := line[i]
		switch {
		case c == quote:
			return s, line[i+1:], true
		case c == '\\' && quote == '"' && i+3 < len(line) && line[i+1] == 'x' && isHex(line[i+2]) && isHex(line[i+3]):
			n, _ := strconv.ParseUint(string(line[i+2:i+4]), 16, 8)
			s = append(s, byte(n))
			i += 3
		case c == '\\' && quote == '"' && i+1 < len(line):
			i++
			s = append(s, escapes(line[i]))
		case c == '\\' && quote == '\'' && i+1 < len(line) && line[i+1] == '\'':
			i++
			s = append(s, '\'')
		default:
			s = append(s, c)
		}
	}
	return nil, nil, false
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func escapes(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	}
	return c
}
