"""The page that tells the handshake of one TLS connection."""
