package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"protosim/scenarios"
)

func FuzzParse(f *testing.F) {
	for _, name := range scenarios.Names() {
		text, err := scenarios.Open(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "network.rtt", "80ms")
	}
	mistakes, _ := filepath.Glob("testdata/mistakes/*.txt")
	for _, file := range mistakes {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "page.resources[0].size", "10kB")
	}
	f.Add("name: x", "strategies", "[http1, http2]")
	f.Add("name: x\nworkload: session\nbalancer: {kind: l7}\nservers: {count: 3}\nfaults:\n  - {at: 5s, kind: deploy, target: www-1}\n  - {at: 6s, kind: deploy, target: www-2, surge: 1}\n", "faults[0].target", "www-3")
	f.Fuzz(func(t *testing.T, text, path, value string) {
		watch := time.AfterFunc(10*time.Second, func() { panic("hangs") })
		defer watch.Stop()
		for _, overrides := range [][]scenarios.Override{nil, {{Path: path, Value: value}}} {
			s, err := scenarios.Parse("fuzz.yaml", []byte(text), overrides...)
			if err != nil {
				var typed *scenarios.Error
				if !errors.As(err, &typed) || typed.Error() == "" {
					t.Fatalf("%T %v", err, err)
				}
				continue
			}
			for _, marshal := range []func(*scenarios.Scenario) ([]byte, error){scenarios.Marshal, scenarios.MarshalBrief} {
				written, err := marshal(s)
				if err != nil {
					t.Fatal(err)
				}
				back, err := scenarios.Parse("back.yaml", written)
				if err != nil {
					t.Fatalf("%v\n%s", err, written)
				}
				if !reflect.DeepEqual(back, s) {
					t.Fatalf("got  %+v\nwant %+v\n%s", back, s, written)
				}
			}
		}
	})
}
