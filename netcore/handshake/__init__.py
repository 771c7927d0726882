"""The handshake of a TLS connection, told: who said what, with which keys, and who was trusted."""
