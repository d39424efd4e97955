package firewall_test

const canListen = false // there are no sockets
