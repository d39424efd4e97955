package session

import "fmt"

// name is the identity of a client's session: of its so many-th login.
func name(client uint32, login int) string { return fmt.Sprintf("s%d-%d", client, login) }

// clientOf returns whose session it is by its name.
func clientOf(id string) (client uint32) {
	fmt.Sscanf(id, "s%d-", &client)
	return client
}
