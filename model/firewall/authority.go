package firewall

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"
)

// Authority issues the certificates that Intercept shows its clients, who trust
// it because their administrator has said so.
type Authority struct {
	name   string
	root   *x509.Certificate
	key    ed25519.PrivateKey
	secret []byte

	mu     sync.Mutex
	issued map[string]*tls.Certificate
}

var (
	notBefore = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) // bubbles begin in 2000
	notAfter  = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
)

// maxIssued bounds how many certificates are kept.
const maxIssued = 10_000

// NewAuthority returns the authority of a simulation: keys follow from its
// name, so that every run has the same, and anyone could make them.
func NewAuthority(name string) (*Authority, error) { return newAuthority(name, []byte(name)) }

// NewSecretAuthority returns one with keys that nobody knows, for real clients.
func NewSecretAuthority(name string) (*Authority, error) {
	secret := make([]byte, 32)
	rand.Read(secret)
	return newAuthority(name, secret)
}

func newAuthority(name string, secret []byte) (*Authority, error) {
	a := &Authority{name: name, secret: secret, issued: map[string]*tls.Certificate{}}
	a.key = a.keyFor("root")
	t := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             notBefore,
		NotAfter:              notAfter,
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(nil, t, t, a.key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("firewall: authority %q: %w", name, err)
	}
	a.root, err = x509.ParseCertificate(der)
	return a, err
}

func (a *Authority) keyFor(purpose string) ed25519.PrivateKey {
	seed := sha256.Sum256(append([]byte("protosim firewall "+purpose+" "), a.secret...))
	return ed25519.NewKeyFromSeed(seed[:])
}

// TrustedBy adds the authority to those that a client trusts.
func (a *Authority) TrustedBy(pool *x509.CertPool) { pool.AddCert(a.root) }

// PEM returns the authority's certificate for clients to trust.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})
}

// certificate returns one for the host, made when it is first asked for.
func (a *Authority) certificate(host string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.issued[host]; c != nil {
		return c, nil
	}
	key := a.keyFor("host " + host)
	serial := sha256.Sum256([]byte(host))
	t := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(append([]byte{1}, serial[:8]...)),
		Subject:      pkix.Name{CommonName: a.name + " for " + host},
		NotBefore:    notBefore,
		NotAfter:     notAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		t.IPAddresses = []net.IP{ip}
	} else {
		t.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(nil, t, a.root, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("firewall: certificate for %q: %w", host, err)
	}
	if len(a.issued) >= maxIssued {
		clear(a.issued)
	}
	c := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	a.issued[host] = c
	return c, nil
}
