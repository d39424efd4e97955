package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// PageTimes is the file testdata/page-times.json.
type PageTimes struct {
	About  string `json:"about"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
	Date   string `json:"date"` // of the last measurement
	// LinkOverheadUS is what link and kernel add to a round trip of one byte
	// each way, in microseconds: the median, and nine tenths are below P90.
	LinkOverheadUS    float64 `json:"link_overhead_us"`
	LinkOverheadP90US float64 `json:"link_overhead_p90_us"`
	// Settings are the kernel's TCP settings and, as cubic.*, CUBIC's.
	Settings map[string]string `json:"settings"`
	Rows     []Row             `json:"rows"`
}

const about = "Times from the first dial to the last byte of equal objects requested at once, through the real Linux TCP. Made by: go run ./model/kernel grid"

// readPageTimes reads a file of results; one that does not exist is empty.
func readPageTimes(name string) (t PageTimes, err error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil {
		err = fmt.Errorf("reading earlier results: %w", err)
	}
	return t, err
}

// write stores the results with one row a line, and never leaves half a file.
func (t PageTimes) write(name string) error {
	rows := t.Rows
	t.Rows = nil
	head, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.Write(bytes.TrimSuffix(head, []byte("null\n}")))
	b.WriteByte('[')
	for i, r := range rows {
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		b.Write(line)
	}
	b.WriteString("\n  ]\n}\n")
	if err := os.WriteFile(name+".new", b.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// find returns the index of the row with the same parameters, or -1.
func (t PageTimes) find(r Row) int {
	for i := range t.Rows {
		if t.Rows[i].String() == r.String() {
			return i
		}
	}
	return -1
}

// put adds a row or replaces the one with the same parameters.
func (t *PageTimes) put(r Row) {
	if i := t.find(r); i >= 0 {
		t.Rows[i] = r
		return
	}
	t.Rows = append(t.Rows, r)
}
