"""What the frames of an HTTP/2 connection did, as the client saw it: states and windows."""
