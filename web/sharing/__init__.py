"""Sharing: a trace for others, as a link, inside their page, as a picture, as one file."""
