package secure

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
)

// Authority issues the certificates of one run: a root that clients trust and
// an intermediate that signs the servers' certificates. All keys are Ed25519
// and derived from names, so that certificates and signatures have the same
// size, and the same bytes, in every run.
type Authority struct {
	roots        *x509.CertPool
	intermediate *x509.Certificate
	key          ed25519.PrivateKey
	chain        int
}

// padding is the extension that brings certificates to the size that public
// authorities' have, with their policies, transparency timestamps and names.
var padding = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}

var (
	notBefore = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) // bubbles begin in 2000
	notAfter  = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
)

// NewAuthority returns an authority whose servers send chain bytes of
// certificates, a leaf and an intermediate, or as many as these need if that is more.
func NewAuthority(chain int) (*Authority, error) {
	rootKey := key("root")
	root, err := certify(template("protosim root", true), nil, rootKey, rootKey, 0)
	if err != nil {
		return nil, err
	}
	a := &Authority{roots: x509.NewCertPool(), key: key("intermediate"), chain: chain}
	a.roots.AddCert(root)
	a.intermediate, err = certify(template("protosim intermediate", true), root, a.key, rootKey, chain/3)
	return a, err
}

// Issue returns the certificate chain of one server.
func (a *Authority) Issue(host string) (tls.Certificate, error) {
	k := key("host " + host)
	t := template(host, false)
	t.DNSNames = []string{host}
	leaf, err := certify(t, a.intermediate, k, a.key, a.chain-len(a.intermediate.Raw))
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{leaf.Raw, a.intermediate.Raw}, PrivateKey: k, Leaf: leaf}, nil
}

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("protosim " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func template(name string, authority bool) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes([]byte("protosim")),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             notBefore,
		NotAfter:              notAfter,
		IsCA:                  authority,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
}

// certify makes the certificate and pads it to size bytes.
func certify(t, issuer *x509.Certificate, k, signer ed25519.PrivateKey, size int) (*x509.Certificate, error) {
	if issuer == nil {
		issuer = t
	}
	for pad := 0; ; {
		if pad > 0 {
			t.ExtraExtensions = []pkix.Extension{{Id: padding, Value: make([]byte, pad)}}
		}
		der, err := x509.CreateCertificate(nil, t, issuer, k.Public(), signer)
		if err != nil {
			return nil, fmt.Errorf("certificate for %s: %w", t.Subject.CommonName, err)
		}
		if missing := size - len(der); missing <= 0 || pad > 0 && missing < 4 {
			return x509.ParseCertificate(der)
		} else if pad == 0 {
			pad = max(missing-24, 1) // the extension's own framing
		} else {
			pad += missing
		}
	}
}
