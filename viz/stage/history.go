package stage

import (
	"fmt"
	"strings"

	"protosim/model/trace"
)

// History tells in words the last things that happened to a host up to the
// state's time, the latest first.
func (s *State) History(place int32, most int) []string {
	r := s.Reel
	var lines []string
	isClient := place >= 0 && r.ordinal[place] >= 0
	last, times := "", 1
	for i := s.next - 1; i >= 0; i-- {
		c := &r.records[i]
		text := r.tell(c, place, isClient)
		if text == "" {
			continue
		}
		line := fmt.Sprintf("%.3f s  %s", c.at.Seconds(), text)
		if line == last { // many connections are closed at once
			times++
			lines[len(lines)-1] = fmt.Sprintf("%s, %d times", line, times)
			continue
		}
		if len(lines) == most {
			break
		}
		lines = append(lines, line)
		last, times = line, 1
	}
	return lines
}

// tell is what an event means to a host, "" if nothing.
func (r *Reel) tell(c *record, place int32, isClient bool) string {
	text := r.strings[c.text]
	because := ""
	if text != "" {
		because = ": " + text
	}
	switch c.kind {
	case trace.State:
		if c.host == place {
			return conditionWord(trace.Condition(c.code)) + because
		}
	case trace.Fault:
		if c.host == place {
			if c.code == 0 {
				return "end of fault" + because
			}
			return "fault" + because
		}
	case trace.Opened, trace.Closed:
		l := r.Links[c.other]
		what := "connection "
		if c.kind == trace.Closed {
			what = "closed connection "
		}
		switch {
		case l.From == place:
			return what + "to " + r.Hosts[l.To].Name + because
		case l.To == place && r.Hosts[l.From].Role != trace.Client:
			return what + "from " + r.Hosts[l.From].Name + because
		}
	case trace.Request, trace.Response:
		if c.other < 0 || r.Requests[c.other].Client != place {
			return ""
		}
		if c.kind == trace.Request {
			return "request " + text
		}
		if c.code != 0 {
			return fmt.Sprintf("request %s, status %d", text, c.code)
		}
		return "request " + text
	case trace.Serving, trace.Served:
		if c.host == place && c.other >= 0 {
			if c.kind == trace.Served {
				return fmt.Sprintf("answered %s with %d", r.Hosts[c.other].Name, c.code)
			}
			return "serves " + r.Hosts[c.other].Name
		}
	case trace.SessionBegan, trace.SessionEnded, trace.SessionLost:
		if c.other == place && isClient {
			switch {
			case c.kind == trace.SessionLost:
				return "session lost" + because
			case c.kind == trace.SessionEnded:
				return "session ended"
			case c.host >= 0:
				return "session begun on " + r.Hosts[c.host].Name
			}
			return "session begun"
		}
		if c.kind == trace.SessionBegan && c.host == place && c.other >= 0 {
			return "session of " + r.Hosts[c.other].Name
		}
	case trace.Disconnected:
		if c.host == place {
			return "thrown off" + because
		}
	case trace.Reconnecting:
		if c.host == place {
			return "tries to come back" + because
		}
	case trace.Delivered:
		if c.host == place {
			return fmt.Sprintf("push %d received, %d bytes", c.serial, c.bytes)
		}
	case trace.CacheResult:
		if c.host == place && c.other >= 0 {
			return text + " for " + r.Hosts[c.other].Name
		}
	case trace.FirewallVerdict:
		if c.host == place {
			if c.other >= 0 {
				return text + ", " + r.Hosts[c.other].Name
			}
			return text
		}
		if c.other == place && isClient {
			return "firewall: " + text
		}
	case trace.Fallback:
		if c.host == place {
			return "falls back, " + text
		}
	}
	return ""
}

// Describe is the name, role and condition of a thing on the stage.
func (s *Stage) Describe(t Target) (name, role, condition string) {
	if t.Lane == nil || t.Lane.State == nil {
		return "", "", ""
	}
	h := t.Lane.Reel.Hosts[t.Host]
	condition = t.Lane.Reel.condition(&t.Lane.State.Hosts[t.Host])
	if c := t.Lane.State.client(t.Host); c != nil {
		condition = clientWord(c)
	}
	return h.Name, roleName(h.Role, 1), condition
}

// condition says how a host is.
func (r *Reel) condition(h *HostState) string {
	if h.Condition == trace.Down {
		return r.downWord(h)
	}
	return conditionWord(h.Condition)
}

// downWord says in which way a host is down.
func (r *Reel) downWord(h *HostState) string { return downWord(r.strings[h.why]) }

func downWord(why string) string {
	switch {
	case why == "":
		return "off"
	case strings.Contains(why, "crash"):
		return "crashed"
	}
	return "stopped"
}
