"""The page of one connection with streams: lanes, states, windows, field sections, settings."""
