package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"protosim/scenarios"
)

func ExampleError() {
	_, err := scenarios.Parse("shop.yaml", []byte("name: shop\nnetwork:\n  rt: 80ms\n"))
	fmt.Println(err)
	// Output:
	// shop.yaml:3:3: unknown field "rt" in network
	//     3 |   rt: 80ms
	//       |   ^^
	// did you mean "rtt"?
}

func ExampleScenario_Validate() {
	s := scenarios.Default()
	s.Network.TCP.MSS = 20
	fmt.Println(s.Validate())
	// Output:
	// network.tcp.mss: network.tcp.mss 20 is out of range
	// give a value from 536 to 8960
}

// A word of the wrong kind is answered with those that are valid, quotes are no
// cure; where any text will do, they are.
func TestErrorNamesTheWordsThatAreValid(t *testing.T) {
	for text, want := range map[string]string{
		"push: {resume: true}":           "valid are: replay, anew",
		"clients:\n  retry: {policy: 3}": "valid are: none, constant,",
		"title: 2026":                    "put it in quotes",
	} {
		_, err := scenarios.Parse("x.yaml", []byte("name: x\n"+text+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", text, err, want)
		}
	}
}

func TestErrorShowsOnlyTheNeighbourhoodOfALongLine(t *testing.T) {
	e := &scenarios.Error{File: "x.yaml", Line: 1, Column: 5001, Width: 3, Reason: "bad", Source: strings.Repeat("a", 5000) + "BAD" + strings.Repeat("z", 5000)}
	lines := strings.Split(e.Error(), "\n")
	if len(lines) != 3 || len(lines[1]) > 120 {
		t.Fatalf("got %q", lines)
	}
	if at := strings.Index(lines[2], "^^^"); at < 0 || lines[1][at:at+3] != "BAD" {
		t.Errorf("the mark is not below the offence:\n%s\n%s", lines[1], lines[2])
	}
}
