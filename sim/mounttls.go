package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"

	"github.com/spf13/pflag"
)

// mountTLS says whether what is mounted speaks TLS.
type mountTLS struct {
	enabled     bool
	certificate string // file to write it to; "" for none
}

// flags adds the flags of those that can.
func (t *mountTLS) flags(flags *pflag.FlagSet) {
	flags.BoolVar(&t.enabled, "tls", false, "speak TLS, with a certificate that is made for this run; HTTP/2 by ALPN")
	flags.StringVar(&t.certificate, "certificate", "", "write the certificate of --tls to this `file`, for clients to trust")
}

// check refuses what makes no sense.
func (t mountTLS) check() error {
	if !t.enabled && t.certificate != "" {
		return badInput("--certificate is of no use without TLS", "add --tls, or leave --certificate out")
	}
	return nil
}

// listener returns l, with TLS in front if that is asked for, and the scheme of
// its addresses.
func (t mountTLS) listener(l net.Listener) (net.Listener, string, error) {
	if !t.enabled {
		return l, "http", nil
	}
	certificate, err := selfSigned(l.Addr())
	if err != nil {
		return nil, "", err
	}
	if t.certificate != "" {
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
		if err := writeFile(t.certificate, text); err != nil {
			return nil, "", err
		}
	}
	return tls.NewListener(l, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		NextProtos:   []string{"h2", "http/1.1"},
	}), "https", nil
}

// selfSigned returns a certificate for localhost and the address, good for a
// week. P-256 is what every client knows.
func selfSigned(address net.Addr) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "protosim mount"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(7 * 24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if at, ok := address.(*net.TCPAddr); ok && !at.IP.IsUnspecified() {
		template.IPAddresses = append(template.IPAddresses, at.IP)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
