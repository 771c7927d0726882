"""Decrypting recorded TLS: from records and the secrets of a key log to plaintext.

Theory of operation. Everything here is a pure function of recorded octets. `keylog` reads the
lines that the TLS library gave out; `openers` makes an opener for each direction of a connection
from what its hellos said; an opener takes that direction's protected records in order and gives
for each one what was inside, or a sentence that says why it stays closed. Nothing is given out
whose tag or MAC was not verified, and nothing raises, whatever the octets.
"""
