package store

import (
	"fmt"
	"strings"
	"time"
)

// command is one that the server knows.
type command struct {
	args   int  // parts, the name included; at least as many if negative
	grows  bool // is refused when the memory is used up
	handle func(*call)
}

// call is one command of one client.
type call struct {
	*reply
	typed  string   // the name as it was sent
	name   string   // in lower case
	args   [][]byte // without the name
	now    time.Duration
	data   *database
	client *connection
}

// commands are those that session stores use.
var commands = map[string]command{
	"ping":   {-1, false, (*call).ping},
	"echo":   {2, false, (*call).echo},
	"hello":  {-1, false, (*call).hello},
	"client": {-2, false, (*call).clientCommand},
	"select": {2, false, (*call).selectDatabase},
	"quit":   {-1, false, (*call).quit},
	"reset":  {1, false, (*call).reset},

	"get":      {2, false, (*call).get},
	"getex":    {-2, false, (*call).getEx},
	"getdel":   {2, false, (*call).getDel},
	"set":      {-3, true, (*call).set},
	"setnx":    {3, true, (*call).setNX},
	"setex":    {4, true, (*call).setEx},
	"psetex":   {4, true, (*call).setEx},
	"mget":     {-2, false, (*call).mget},
	"strlen":   {2, false, (*call).strlen},
	"incr":     {2, true, (*call).increment},
	"decr":     {2, true, (*call).increment},
	"incrby":   {3, true, (*call).increment},
	"decrby":   {3, true, (*call).increment},
	"del":      {-2, false, (*call).del},
	"unlink":   {-2, false, (*call).del},
	"exists":   {-2, false, (*call).exists},
	"touch":    {-2, false, (*call).exists},
	"expire":   {-3, false, (*call).expire},
	"pexpire":  {-3, false, (*call).expire},
	"ttl":      {2, false, (*call).ttl},
	"pttl":     {2, false, (*call).ttl},
	"persist":  {2, false, (*call).persist},
	"dbsize":   {1, false, (*call).dbSize},
	"flushdb":  {-1, false, (*call).flush},
	"flushall": {-1, false, (*call).flush},
}

// dispatch carries out a command.
func (c *call) dispatch() {
	cmd, ok := commands[c.name]
	n := len(c.args) + 1
	switch {
	case !ok:
		c.error(c.unknown())
	case cmd.args >= 0 && n != cmd.args || n < -cmd.args:
		c.error("ERR wrong number of arguments for '" + c.name + "' command")
	default:
		c.data.expire(c.now)
		if !c.data.makeRoom() && cmd.grows {
			c.error(outOfMemory)
			return
		}
		cmd.handle(c)
	}
}

// unknown is redis-server's error for a command that it does not know.
func (c *call) unknown() string {
	const most = 128 // characters
	var args strings.Builder
	for _, a := range c.args {
		if room := most - args.Len(); room > 0 {
			fmt.Fprintf(&args, "'%s' ", a[:min(len(a), room)])
		}
	}
	return fmt.Sprintf("ERR unknown command '%s', with args beginning with: %s", c.typed[:min(len(c.typed), most)], args.String())
}

// number reads an argument, or answers that it is none.
func (c *call) number(arg []byte) (int64, bool) {
	n, ok := parseInteger(arg)
	if !ok || len(arg) > 1 && (arg[0] == '0' || arg[0] == '-' && arg[1] == '0') {
		c.error("ERR value is not an integer or out of range")
		return 0, false
	}
	return n, true
}
