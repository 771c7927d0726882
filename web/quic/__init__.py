"""The page of a QUIC connection: packets, acknowledgements, round trips, ids, keys."""
