"""Two or three traces beside each other, and fetching one again with one thing changed."""
