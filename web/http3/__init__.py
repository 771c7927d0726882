"""The page of an HTTP/3 connection: streams, field sections, settings."""
