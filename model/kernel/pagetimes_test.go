package main

import (
	"path/filepath"
	"reflect"
	"testing"
)

func TestResultsSurviveTheirFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page-times.json")
	if empty, err := readPageTimes(name); err != nil || len(empty.Rows) != 0 {
		t.Fatalf("a missing file gave %v, %v", empty, err)
	}
	want := PageTimes{About: about, Kernel: "6.18", Settings: map[string]string{"sack": "1"}}
	want.put(Row{Protocol: "http1", Objects: 100, ObjectBytes: 1000, OneWayMS: 50, RunsMS: []float64{3}})
	want.put(Row{Protocol: "http2", Objects: 100, ObjectBytes: 1000, OneWayMS: 50, RunsMS: []float64{2, 1}})
	// The same parameters again replace the first row.
	want.put(Row{Protocol: "http1", Objects: 100, ObjectBytes: 1000, OneWayMS: 50, RunsMS: []float64{4}})
	if len(want.Rows) != 2 {
		t.Fatalf("%d rows, want 2", len(want.Rows))
	}
	if err := want.write(name); err != nil {
		t.Fatal(err)
	}
	got, err := readPageTimes(name)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
