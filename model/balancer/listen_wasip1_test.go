package balancer_test

const canListen = false // there are no sockets
