"""The openers of both directions of a connection, from what its hellos said."""

from __future__ import annotations

from typing import NamedTuple

from netcore.decrypt.keylog import Secrets
from netcore.decrypt.keys import PRF_TLS10, key_block
from netcore.decrypt.opened import Closed, Opener
from netcore.decrypt.suites import Suite, suite_of
from netcore.decrypt.tls12 import (
    MASTER_SECRET,
    TLS10,
    TLS11,
    AeadOpener,
    BlockOpener,
    key_lengths,
)
from netcore.decrypt.tls13 import CLIENT, EARLY, SERVER, Tls13Opener

TLS12, TLS13 = 0x0303, 0x0304


class Negotiated(NamedTuple):
    """What the hellos of a connection said."""

    version: int = 0  # 0 while no whole ServerHello is there
    cipher_suite: str = ""  # by its registered name
    client_random: bytes = b""
    server_random: bytes = b""
    encrypt_then_mac: bool = False
    compressed: bool = False


def openers_of(negotiated: Negotiated, secrets: Secrets) -> tuple[Opener, Opener]:
    """The openers of the records that the client sent, and of those that the server sent.

    Args:
        negotiated: what the hellos said.
        secrets: those that a key log has for this client random; any may be missing.
    """
    reason = obstacle(negotiated)
    suite = suite_of(negotiated.cipher_suite)
    if reason or suite is None:
        return Closed(reason), Closed(reason)
    if negotiated.version == TLS13:
        early = (EARLY,) if EARLY in secrets else ()
        client = Tls13Opener(suite, secrets, (*early, *CLIENT))
        return client, Tls13Opener(suite, secrets, SERVER)
    if MASTER_SECRET not in secrets:
        reason = f"no {MASTER_SECRET} was recorded for this connection"
        return Closed(reason), Closed(reason)
    return _older(negotiated, suite, secrets[MASTER_SECRET])


def obstacle(negotiated: Negotiated) -> str:
    """Why no record of this connection can be decrypted, "" if there is no reason."""
    if not negotiated.version:
        return "no ServerHello was recorded that says how"
    if not TLS10 <= negotiated.version <= TLS13:
        return f"version 0x{negotiated.version:04x} is not one that is decrypted here"
    suite = suite_of(negotiated.cipher_suite)
    name = negotiated.cipher_suite or "the cipher suite"
    if suite is None:
        return f"{name} is not decrypted here"
    if (negotiated.version == TLS13) != ("_WITH_" not in negotiated.cipher_suite):
        return f"{name} belongs to another version"
    if negotiated.version == TLS13:
        return f"{name} belongs to another version" if suite.mode == "CBC" else ""
    if negotiated.compressed:
        return "its records were compressed too"
    if negotiated.version < TLS12 and (suite.mode != "CBC" or suite.mac != "sha1"):
        return f"{name} belongs to another version"
    return ""


def _older(negotiated: Negotiated, suite: Suite, master_secret: bytes) -> tuple[Opener, Opener]:
    version = negotiated.version
    digest = PRF_TLS10 if version <= TLS11 else suite.digest
    randoms = negotiated.server_random + negotiated.client_random
    client, server = key_block(master_secret, randoms, key_lengths(suite, version), digest)
    if suite.mode != "CBC":
        return AeadOpener(suite, client), AeadOpener(suite, server)
    etm = negotiated.encrypt_then_mac
    return (
        BlockOpener(suite, client, version, encrypt_then_mac=etm),
        BlockOpener(suite, server, version, encrypt_then_mac=etm),
    )
