package store

import "strings"

// connection is what the server knows of a client.
type connection struct {
	id    int64
	name  string
	resp3 bool
	quits bool // after this reply
}

func (c *call) ping() {
	switch len(c.args) {
	case 0:
		c.status("PONG")
	case 1:
		c.bulk(c.args[0])
	default:
		c.error("ERR wrong number of arguments for 'ping' command")
	}
}

func (c *call) echo() { c.bulk(c.args[0]) }

func (c *call) quit() {
	c.client.quits = true
	c.status("OK")
}

func (c *call) reset() {
	c.client.name, c.client.resp3 = "", false
	c.resp3 = false
	c.status("RESET")
}

func (c *call) selectDatabase() {
	switch n, ok := c.number(c.args[0]); {
	case !ok:
	case n != 0:
		c.error("ERR DB index is out of range")
	default:
		c.status("OK")
	}
}

// hello chooses the protocol and tells about the server.
func (c *call) hello() {
	resp3, name := c.client.resp3, c.client.name
	if len(c.args) > 0 {
		v, ok := parseInteger(c.args[0])
		if !ok {
			c.error("ERR Protocol version is not an integer or out of range")
			return
		}
		if v != 2 && v != 3 {
			c.error("NOPROTO unsupported protocol version")
			return
		}
		resp3 = v == 3
		for rest := c.args[1:]; len(rest) > 0; rest = rest[2:] {
			if !strings.EqualFold(string(rest[0]), "setname") || len(rest) < 2 {
				c.error("ERR Syntax error in HELLO option '" + string(rest[0]) + "'")
				return
			}
			name = string(rest[1])
		}
	}
	c.client.resp3, c.client.name, c.resp3 = resp3, name, resp3
	c.pairs(7)
	c.text("server")
	c.text("redis")
	c.text("version")
	c.text("7.0.15")
	c.text("proto")
	if resp3 {
		c.integer(3)
	} else {
		c.integer(2)
	}
	c.text("id")
	c.integer(c.client.id)
	c.text("mode")
	c.text("standalone")
	c.text("role")
	c.text("master")
	c.text("modules")
	c.array(0)
}

func (c *call) clientCommand() {
	sub, args := strings.ToLower(string(c.args[0])), c.args[1:]
	switch {
	case sub == "id" && len(args) == 0:
		c.integer(c.client.id)
	case sub == "getname" && len(args) == 0:
		if c.client.name == "" {
			c.null()
		} else {
			c.text(c.client.name)
		}
	case sub == "setname" && len(args) == 1:
		if strings.ContainsFunc(string(args[0]), func(r rune) bool { return r < '!' || r > '~' }) {
			c.error("ERR Client names cannot contain spaces, newlines or special characters.")
			return
		}
		c.client.name = string(args[0])
		c.status("OK")
	case sub == "id" || sub == "getname" || sub == "setname":
		c.error("ERR wrong number of arguments for 'client|" + sub + "' command")
	default:
		c.error("ERR unknown subcommand '" + string(c.args[0]) + "'. Try CLIENT HELP.")
	}
}
