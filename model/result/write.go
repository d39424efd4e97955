package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Write writes r as indented JSON that ends in a newline. Equal results give
// equal bytes. It refuses a result that Check refuses, and then writes nothing.
func (r *Result) Write(w io.Writer) error {
	return writeJSON(w, r, r)
}

// WriteAll writes several results as one JSON array.
func WriteAll(w io.Writer, results []*Result) error {
	if results == nil {
		results = []*Result{}
	}
	return writeJSON(w, results, results...)
}

func writeJSON(w io.Writer, v any, results ...*Result) error {
	for _, r := range results {
		if err := r.Check(); err != nil {
			return fmt.Errorf("result: %w", err)
		}
	}
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false) // "<" is common in expectations
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	_, err := w.Write(indent(buf.Bytes()))
	return err
}

// indent lays out compact JSON with two spaces per level like json.Indent,
// but keeps arrays of plain numbers on one line: a series of a thousand values
// is one line of its own, not a thousand.
func indent(compact []byte) []byte {
	var out, indented bytes.Buffer
	if err := json.Indent(&indented, compact, "", "  "); err != nil {
		panic("result: " + err.Error()) // it came from json.Marshal
	}
	lines := bytes.SplitAfter(indented.Bytes(), []byte("\n"))
	for i := 0; i < len(lines); i++ {
		if !bytes.HasSuffix(lines[i], []byte("[\n")) {
			out.Write(lines[i])
			continue
		}
		end := i + 1
		for isNumber(bytes.Trim(lines[end], " ,\n")) {
			end++
		}
		if end == i+1 || !bytes.HasPrefix(bytes.TrimSpace(lines[end]), []byte("]")) {
			out.Write(lines[i])
			continue
		}
		out.Write(bytes.TrimRight(lines[i], "\n"))
		for _, number := range lines[i+1 : end] {
			out.Write(bytes.Replace(bytes.TrimSpace(number), []byte(","), []byte(", "), 1))
		}
		out.Write(bytes.TrimLeft(lines[end], " "))
		i = end
	}
	return out.Bytes()
}

// isNumber tells a JSON number from other single-line values.
func isNumber(value []byte) bool {
	return len(value) > 0 && (value[0] == '-' || value[0] >= '0' && value[0] <= '9')
}
