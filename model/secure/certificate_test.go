package secure_test

import (
	"bytes"
	"crypto/tls"
	"testing"

	"protosim/model/secure"
)

// A chain has the size asked for, whatever the host's name, and the same bytes
// every time.
func TestChainSize(t *testing.T) {
	for _, size := range []int{1200, 2000, 3000, 3001, 3500, 4096, 6000, 20_000} {
		for _, host := range []string{"a", "server-1", "a-long-name.example.com"} {
			chain := issue(t, size, host)
			n := 0
			for _, cert := range chain.Certificate {
				n += len(cert)
			}
			if n < size-3 || n > size+3 {
				t.Errorf("the chain of %s has %d bytes, want %d", host, n, size)
			}
			again := issue(t, size, host)
			for i := range chain.Certificate {
				if !bytes.Equal(chain.Certificate[i], again.Certificate[i]) {
					t.Errorf("certificate %d of %s differs the second time", i, host)
				}
			}
		}
	}
}

// A chain that is asked to be impossibly short is as short as it can be.
func TestShortestChain(t *testing.T) {
	n := 0
	for _, cert := range issue(t, 0, "server").Certificate {
		n += len(cert)
	}
	if n < 400 || n > 1000 {
		t.Errorf("the shortest chain has %d bytes", n)
	}
}

func issue(t *testing.T, size int, host string) tls.Certificate {
	t.Helper()
	a, err := secure.NewAuthority(size)
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Issue(host)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
