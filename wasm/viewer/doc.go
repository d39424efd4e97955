// Command viewer is the stage in the browser: it plays the traces of a run, one
// lane for each strategy, on a canvas that Ebiten draws. It is built with
// GOOS=js GOARCH=wasm; everywhere else this package is empty.
//
// Ebiten takes over the body of its document (its size, its colour, its wheel
// and touch events), so the page gives it a document of its own, an iframe:
// a body with nothing in it, wasm_exec.js and viewer.wasm. What a page needs is
// an object named protosimStage, which the viewer puts on its own window and,
// where it is in an iframe, on its parent's:
//
//	reset(scenarioJSON)   forgets all traces; the scenario's strategies and
//	                      duration are shown as empty lanes. Keys that are read:
//	                      name, title, strategies, duration ("1m" or milliseconds)
//	load(strategy, bytes, memory, part) a trace (model/trace's encoding, a Uint8Array),
//	                      what a connection takes of a server's memory, in bytes, 0 if
//	                      unknown, and whether it is as much of a trace as there is yet;
//	                      returns "" or what is wrong with it. The first one of a strategy
//	                      fills its lane; a further one replaces the trace, and time goes
//	                      on where it is. Time waits where one of the lanes ends that are
//	                      parts
//	play(), pause()       play at the end starts again from 0
//	seek(ms)              virtual milliseconds
//	speed(x)              virtual seconds per second, 0.001 to 1000; 0 chooses one by which
//	                      the run takes about half a minute (the default)
//	step(dir)             to the next (1) or previous (-1) event, paused
//	nextFault()           to the next fault or change of a host, from the last to the first
//	theme(name)           "light", "dark", or "auto" (the default: as the system has it)
//	select(strategy, host) marks a host as if it had been clicked; "" marks none
//	history(strategy, host) the last things that happened to it, a JSON array of lines
//	cost()                what it took to draw since the last call, JSON: {frames, mallocs,
//	                      ms (of a frame)}; the first call begins to measure
//	state()               JSON: {now_ms, end_ms, known_ms, playing, speed, lanes: [{strategy, loaded,
//	                      sessions, lost, connected, connections, requests, failed, under_way,
//	                      delivered, x, y, w, h, hosts: [{name, role, condition, sessions,
//	                      connections, load, served, pushed, hits, misses, refusals,
//	                      memory_bytes, x, y, w, h}]}]}
//	                      Hosts are all but the clients; x, y, w and h are CSS pixels of the
//	                      iframe, so that what is drawn can be clicked
//	on(callback)          callback(event, JSON) hears of
//	    "ready"           once, when the stage draws: {}
//	    "select"          a host or client was clicked or tapped: {strategy, name, role,
//	                      condition, x, y, text: [lines of its history]}; name is "" for none
//	    "hover"           the same for what is under the pointer, without history
//	    "time"            about ten times a second while time passes, and after every jump:
//	                      {now_ms, end_ms, known_ms, playing, speed}
package main
