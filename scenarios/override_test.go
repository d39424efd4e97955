package scenarios_test

import (
	"fmt"
	"testing"

	"protosim/scenarios"
)

func ExampleParseOverride() {
	faster, _ := scenarios.ParseOverride("network.rtt=10ms")
	s, _ := scenarios.Parse("shop.yaml", []byte("name: shop\nnetwork: {rtt: 80ms}\n"), faster)
	fmt.Println(s.Network.RTT)
	// Output: 10ms
}

func TestOverridesApplyInOrder(t *testing.T) {
	s, err := scenarios.Load("page-load", []string{
		"network.rtt=10ms", "network.rtt=20ms",
		"page.resources=[{name: only}]", "page.resources[0].size=1kB", "page.resources[0].count=3",
		"expect=[]", "strategies=[http1, http2]", "strategies[1]=websocket",
		"clients.think.uniform={min: 1s, max: 2s}", "title='a: b = c'",
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Network.RTT.String() != "20ms" || s.Title != "a: b = c" || len(s.Expect) != 0 {
		t.Errorf("got %+v", s)
	}
	if r := s.Page.Resources; len(r) != 1 || r[0].Name != "only" || r[0].Size.Mean != 1000 || r[0].Count != 3 {
		t.Errorf("resources %+v", r)
	}
	if s.Strategies[1] != scenarios.WebSocket || s.Clients.Think.Shape != scenarios.Uniform {
		t.Errorf("strategies %v, think %v", s.Strategies, s.Clients.Think)
	}
}

func TestOverridesDoNotLeakIntoDefaults(t *testing.T) {
	if _, err := scenarios.Parse("x.yaml", []byte("name: x"), scenarios.Override{Path: "page.resources[0].size", Value: "1kB"}); err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Parse("x.yaml", []byte("name: x"))
	if err != nil || s.Page.Resources[0].Size.Mean != scenarios.Default().Page.Resources[0].Size.Mean {
		t.Errorf("%v, %v", s.Page.Resources[0], err)
	}
}
