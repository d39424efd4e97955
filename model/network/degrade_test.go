package network_test

import (
	"testing"
	"time"

	"protosim/model/network"
	"protosim/model/vtime"
)

// Degradations of a link add up, end in any order, and leave it as it was.
func TestDegradationsAddUp(t *testing.T) {
	err := vtime.Run(t.Context(), func(c *vtime.Clock) error {
		link := network.New(c, network.TCP{}, 1).NewHost("a").Up
		plain := network.LinkConfig{Delay: 10 * time.Millisecond, Loss: .5}
		link.Set(plain)
		first := link.Degrade(network.Degradation{Delay: 20 * time.Millisecond, Loss: .5})
		second := link.Degrade(network.Degradation{Delay: 30 * time.Millisecond, Loss: .5})
		if got, want := link.Now(), (network.LinkConfig{Delay: 60 * time.Millisecond, Loss: .875}); got != want {
			t.Errorf("under both the link is %+v, want %+v", got, want)
		}
		first()
		plain.Delay = 15 * time.Millisecond
		link.Set(plain)
		if got, want := link.Now(), (network.LinkConfig{Delay: 45 * time.Millisecond, Loss: .75}); got != want {
			t.Errorf("under the second the link is %+v, want %+v", got, want)
		}
		second()
		second()
		if got := link.Now(); got != plain || link.Config() != plain {
			t.Errorf("at the end the link is %+v, want %+v", got, plain)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A host that vanished twice is back when both are over.
func TestVanishingTwice(t *testing.T) {
	err := vtime.Run(t.Context(), func(c *vtime.Clock) error {
		h := network.New(c, network.TCP{}, 1).NewHost("a")
		for i, step := range []func(){h.Vanish, h.Vanish, h.Return, h.Return} {
			if step(); h.Vanished() != (i < 3) {
				t.Errorf("after step %d: vanished %v", i+1, h.Vanished())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
