"""Capture: the real packets of one fetch, taken by a small process of its own.

Only that process (`helper`) needs CAP_NET_RAW, and it gives it up once its socket is open. What
fetches needs no privilege, and goes on without the packets where they are not to be had.
"""
