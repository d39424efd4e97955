// Package store is where an application keeps its sessions: in a server's own
// memory (Memory), or shared by all servers in a Redis (Redis), which is a
// conversation in the real protocol between redis/go-redis and, in a
// simulation, the Server of this package on a host of its own. The same client
// also talks to a real redis-server, and the same tests run against both.
//
// The server's side is not tidwall/redcon, which stops for ever in a loop when
// it reads "*9000000000000000000\r\n" and knows no RESP3.
package store
