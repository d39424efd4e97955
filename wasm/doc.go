// Package wasm is the browser view as a whole, and holds its tests in a real
// browser. Its parts are the packages below: engine and verdict (what runs in
// workers), viewer (the stage), page (HTML, CSS, JavaScript), modules and site
// (how they are built and served).
package wasm
