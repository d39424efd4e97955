// Package catalogue is the workload of clients that read from a catalogue:
// shared objects by their popularity, and some that are one user's own. It is
// what shared caches are for.
package catalogue

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"protosim/model/cache"
	"protosim/model/random"
	"protosim/model/server"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// The paths of the application; the object's number follows.
const (
	sharedPath   = "/object/"
	personalPath = "/my/"
)

// noStore keeps caches from failures.
var noStore = map[string]string{"Cache-Control": "no-store"}

// Path is where an object is found that all users share.
func Path(number int) string { return sharedPath + strconv.Itoa(number) }

// Site is the application on one server.
type Site struct {
	Clock   *vtime.Clock
	Objects *cache.Catalogue
	Config  scenarios.Catalogue
	Servers scenarios.Servers
	Station *server.Station
	Seed    uint64
}

// Serve answers with an object as it is now, or that it is still what the
// client has (RFC 9110 section 13.1.2).
func (s *Site) Serve(ctx context.Context, r transport.Request) transport.Reply {
	number, personal, ok := s.parse(r.Path)
	if !ok || r.Method != http.MethodGet {
		return transport.Reply{Status: http.StatusNotFound}
	}
	if err := s.Station.Enter(ctx); err != nil {
		return transport.Reply{Status: server.Status(err), Header: noStore}
	}
	defer s.Station.Leave()
	draw := random.New(s.Seed, "service", uint64(r.ID.Client), uint64(r.ID.Serial))
	item := s.Objects.At(number, s.Clock.Now())
	if err := s.Station.Work(ctx, r.ID.ServerKey(), time.Duration(random.Draw(s.Servers.ServiceTime, draw)), draw); err != nil {
		return transport.Reply{Status: server.Status(err), Header: noStore}
	}
	c := content{Number: number, Version: item.Version}
	header := map[string]string{"Cache-Control": s.lifetime()}
	if personal {
		c.Owner = r.ID.Client + 1
		header["Cache-Control"] = "private, no-cache"
	}
	header["Etag"] = fmt.Sprintf(`"%d-%d-%d"`, c.Number, c.Version, c.Owner)
	if r.Match == header["Etag"] {
		return transport.Reply{Status: http.StatusNotModified, Header: header}
	}
	return transport.Reply{Status: http.StatusOK, Body: item.Size, Content: c.encode(item.Size), Header: header}
}

// lifetime is the Cache-Control of what all users share.
func (s *Site) lifetime() string {
	if s.Config.Lifetime == 0 {
		return "public, no-cache"
	}
	text := fmt.Sprintf("public, max-age=%d", s.Config.Lifetime.Std()/time.Second)
	if s.Config.Stale > 0 {
		text += fmt.Sprintf(", stale-while-revalidate=%d", s.Config.Stale.Std()/time.Second)
	}
	return text
}

// parse takes a path apart.
func (s *Site) parse(path string) (number int, personal, ok bool) {
	text, shared := strings.CutPrefix(path, sharedPath)
	if !shared {
		if text, personal = strings.CutPrefix(path, personalPath); !personal {
			return 0, false, false
		}
	}
	number, err := strconv.Atoi(text)
	return number, personal, err == nil && number >= 0 && number < s.Config.Objects
}

// content is what an object says of itself at the beginning of its body.
type content struct {
	Number  int
	Version int
	Owner   uint32 // number of the client that it is for, from 1; 0 for all
}

// encode returns a body of so many bytes, cut off where they are too few.
func (c content) encode(size int) []byte {
	body := make([]byte, size)
	copy(body, fmt.Sprintf("%d %d %d\n", c.Number, c.Version, c.Owner))
	return body
}

// parseContent reads the beginning of a body.
func parseContent(body []byte) (c content, err error) {
	line, _, found := bytes.Cut(body, []byte{'\n'})
	if !found {
		return c, fmt.Errorf("catalogue: a body that begins with %.60q", body)
	}
	_, err = fmt.Sscanf(string(line), "%d %d %d", &c.Number, &c.Version, &c.Owner)
	if err != nil {
		return c, fmt.Errorf("catalogue: a body that begins with %.60q: %w", line, err)
	}
	return c, nil
}
