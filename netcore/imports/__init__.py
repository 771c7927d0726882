"""Imports: what others recorded, as a trace: packets of a capture, the log of a browser."""
