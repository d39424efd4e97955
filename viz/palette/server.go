package palette

// servers are the hues of servers, and so of the clients that have a session on
// one: lighter than the strategies' colours, and apart from each other for any
// kind of colour vision (after Paul Tol's "light" scheme, without its reds,
// which would look like failure).
var servers = []Ink{
	{Light: 0x6699d4, Dark: 0x77aadd}, // blue
	{Light: 0xe0c341, Dark: 0xeedd88}, // yellow
	{Light: 0x3fae8f, Dark: 0x44bb99}, // mint
	{Light: 0xa684c9, Dark: 0xc2a5e0}, // lilac
	{Light: 0x9a9a1f, Dark: 0xb8b83a}, // olive
	{Light: 0x7cc4ea, Dark: 0x99ddff}, // light cyan
	{Light: 0xb9895f, Dark: 0xd3a77e}, // sand
	{Light: 0x7d8a99, Dark: 0x9fb0c0}, // slate
}

// Server is the hue of the server with a number, from 0; they come round again
// after the eighth.
func Server(number int) Ink { return servers[number%len(servers)] }
