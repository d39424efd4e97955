package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// TestStoredResults checks the file that the model's tests rely on.
func TestStoredResults(t *testing.T) {
	const name = "testdata/page-times.json"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var stored PageTimes
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&stored); err != nil {
		t.Fatal(err)
	}
	for _, r := range stored.Rows {
		sum := r
		sum.summarize()
		if sum.MedianMS != r.MedianMS || sum.MinMS != r.MinMS || sum.MaxMS != r.MaxMS || sum.P10MS != r.P10MS || sum.P90MS != r.P90MS {
			t.Errorf("%v: the summary does not follow from the runs", r)
		}
		// Nothing beats the handshake, one round trip and the link's rate.
		least := 4 * r.OneWayMS
		if r.DownBps > 0 {
			least = max(least, 2*r.OneWayMS+float64(r.Objects*r.ObjectBytes)*8e3/float64(r.DownBps))
		}
		if r.MinMS < least {
			t.Errorf("%v: %.1f ms is less than the link allows, %.1f ms", r, r.MinMS, least)
		}
	}
	for _, r := range gridRows() {
		if stored.find(r.Row) < 0 {
			t.Errorf("not measured: %v", r)
		}
	}
}
