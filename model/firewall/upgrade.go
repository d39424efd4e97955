package firewall

import "net/http"

// wanted returns the protocol to which a request asks to switch, "" for none.
func wanted(r *http.Request) string {
	if !hasToken(r.Header, "Connection", "upgrade") || r.ProtoMinor == 0 {
		return ""
	}
	return r.Header.Get("Upgrade")
}

// upgrade decides about a request for an Upgrade. It returns the protocol to
// ask the server for, and whether there is to be a 403 instead.
func (p *passage) upgrade(r *http.Request) (protocol string, forbidden bool) {
	protocol = wanted(r)
	if protocol == "" {
		return "", false
	}
	switch p.f.cfg.Upgrade {
	case Strip:
		p.f.count(func(s *Stats) { s.UpgradesStripped++ })
		p.f.tell(p.client.RemoteAddr(), "upgrade stripped")
		return "", false
	case Forbid:
		p.f.count(func(s *Stats) {
			s.UpgradesForbidden++
			s.Refused[Forbidden]++
		})
		p.f.tell(p.client.RemoteAddr(), string(Forbidden))
		return "", true
	}
	return protocol, false
}

// killing returns what is done with the first bytes after an Upgrade; nil for
// carrying them.
func (p *passage) killing() (first func()) {
	if p.f.cfg.Upgrade == Kill {
		return func() { p.stop(Killed) }
	}
	return nil
}
