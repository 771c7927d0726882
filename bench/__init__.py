"""What recording and explaining cost, beside peers in the same run: `make bench`."""
