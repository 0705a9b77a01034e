package transport_test

// child is what the test binary does when it plays a server.
func child(string) {}
