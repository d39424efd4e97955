package scenarios

import "strings"

// Identifier is the strategy's name as expressions write it: a hyphen would be
// a minus.
func (s Strategy) Identifier() string { return strings.ReplaceAll(string(s), "-", "_") }

// Bind lets expressions see a value under a dotted name, as maps in maps.
func Bind(env map[string]any, name string, value float64) {
	for {
		part, rest, more := strings.Cut(name, ".")
		if !more {
			env[part] = value
			return
		}
		inner, ok := env[part].(map[string]any)
		if !ok {
			inner = make(map[string]any)
			env[part] = inner
		}
		env, name = inner, rest
	}
}
