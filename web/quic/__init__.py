"""The pages of a QUIC connection and of the HTTP/3 spoken on it."""
