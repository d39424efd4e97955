// Package stage lays out and plays what happened in a run: the topology in
// columns, one lane for each strategy, all on one virtual clock. It knows
// nothing of how the picture reaches the screen: a Stage fills a Scene, a list of
// a few kinds of shapes, which wasm/viewer gives to Ebiten and
// viz/stage/picture paints into an image.
//
//	trace.Event -> Builder -> Reel     what happened, with keyframes
//	Reel -> State                      how all is at one moment; seek and play
//	Player                             which moment, at which speed
//	Stage + State -> Scene             the picture of that moment
package stage
