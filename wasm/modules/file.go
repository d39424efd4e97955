package modules

import (
	"bytes"
	"io"

	"github.com/andybalholm/brotli"
)

// File is the content of a file, in at least one of its forms.
type File struct {
	Plain  []byte
	Brotli []byte // RFC 7932
}

// Bytes returns the content as it is.
func (f File) Bytes() ([]byte, error) {
	if f.Plain != nil {
		return f.Plain, nil
	}
	return io.ReadAll(brotli.NewReader(bytes.NewReader(f.Brotli)))
}

// Compress returns data under brotli. Level 11 takes a minute for an engine, 5
// some seconds for a result that is a fifth larger.
func Compress(data []byte, level int) ([]byte, error) {
	var b bytes.Buffer
	// A window of 16 MB: what repeats in a module is far apart.
	w := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: level, LGWin: 24})
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}
