"""What the packets of a QUIC connection did, as the client saw it: losses and round trips."""
