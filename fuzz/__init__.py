"""Octets that somebody has spoilt, for everything that reads octets from outside: `make fuzz`."""
