"""The boundary ruler: all layers of one connection on one axis of octets."""
