package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The identities of a control plane: one client certificate each, as kubeadm
// names them, so that Kubernetes' own bootstrap roles apply to them.
var clients = []struct{ file, user, group string }{
	{"admin", "kubernetes-admin", "system:masters"},
	{"controller-manager", "system:kube-controller-manager", ""},
	{"scheduler", "system:kube-scheduler", ""},
	{"kwok", "kwok", "system:masters"},
	{"front-proxy", "front-proxy-client", ""},
}

// writePKI writes what a control plane needs to know itself and others by, into
// the directory it was given: a certificate authority (ca), the server's
// certificate for loopback (server), a client certificate for each component
// and for the admin, and the keys that sign service account tokens (sa). It is
// here because Node can read certificates but not make them.
func writePKI(args []string) int {
	if len(args) < 1 {
		fmt.Fprintln(os.Stderr, "usage: kubebox pki DIR [NAME|IP ...]")
		return 2
	}
	if err := makePKI(args[0], args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "kubebox pki: %v\n", err)
		return 1
	}
	return 0
}

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func makePKI(dir string, serverNames []string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ca, err := makeAuthority(dir)
	if err != nil {
		return err
	}
	if err := ca.issue(dir, "server", serverTemplate(serverNames)); err != nil {
		return err
	}
	for _, client := range clients {
		if err := ca.issue(dir, client.file, clientTemplate(client.user, client.group)); err != nil {
			return err
		}
	}
	return makeSigningKey(dir)
}

func makeAuthority(dir string) (*authority, error) {
	template := validFor10Years(pkix.Name{CommonName: "plumbline-ca"})
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{certificate, key}, writePair(dir, "ca", der, key)
}

func (ca *authority) issue(dir, name string, template *x509.Certificate) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, key.Public(), ca.key)
	if err != nil {
		return err
	}
	return writePair(dir, name, der, key)
}

func serverTemplate(names []string) *x509.Certificate {
	template := validFor10Years(pkix.Name{CommonName: "kube-apiserver"})
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	service := "kubernetes.default.svc"
	template.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", service, service + ".cluster.local"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback, net.IPv4(10, 0, 0, 1)}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return template
}

func clientTemplate(user, group string) *x509.Certificate {
	subject := pkix.Name{CommonName: user}
	if group != "" {
		subject.Organization = strings.Split(group, ",")
	}
	template := validFor10Years(subject)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return template
}

// validFor10Years starts a day ago: clocks of virtual machines jump.
func validFor10Years(subject pkix.Name) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // the operating system has no randomness: nothing can be safe
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.AddDate(10, 0, 0),
	}
}

// makeSigningKey writes the key pair of service account tokens.
func makeSigningKey(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, "sa.pub"), "PUBLIC KEY", public); err != nil {
		return err
	}
	return writeKey(filepath.Join(dir, "sa.key"), key)
}

func writePair(dir, name string, der []byte, key *ecdsa.PrivateKey) error {
	if err := writePEM(filepath.Join(dir, name+".crt"), "CERTIFICATE", der); err != nil {
		return err
	}
	return writeKey(filepath.Join(dir, name+".key"), key)
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
