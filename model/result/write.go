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
	summed, err := r.checked()
	if err != nil {
		return err
	}
	return writeJSON(w, summed)
}

// WriteAll writes several results as one JSON array.
func WriteAll(w io.Writer, results []*Result) error {
	all := []*Result{}
	for _, r := range results {
		summed, err := r.checked()
		if err != nil {
			return err
		}
		all = append(all, summed)
	}
	return writeJSON(w, all)
}

// checked is r with its sum, if it may be written.
func (r *Result) checked() (*Result, error) {
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	summed, err := r.summed()
	if err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	return summed, nil
}

func writeJSON(w io.Writer, v any) error {
	content, err := compact(v)
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	_, err = w.Write(indent(append(content, '\n')))
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
