"""The key schedule of one connection, from its hellos to a record that its keys open."""

from __future__ import annotations

from netcore.decrypt.openers import TLS13, obstacle
from netcore.handshake import key_schedule_tls12, key_schedule_tls13
from netcore.handshake.conversations import SERVER_HELLO, Conversation
from netcore.handshake.steps import KeySchedule, Known
from netcore.handshake.transcript import is_retry
from netcore.pdus import Explanation

_QUIC = "they open packets of QUIC, with labels of their own, and the schedule here ends in records"


def key_schedule(
    conversation: Conversation, explanation: Explanation, known: Known | None = None
) -> KeySchedule:
    """Every secret and key of a connection, each with how it is computed.

    RFC 8446 §7 for TLS 1.3, RFC 5246 §6.3 and §8.1 for older versions.

    Args:
        conversation: one of those of `explanation`.
        explanation: of the trace.
        known: what is known besides, for TLS 1.3; usually nothing is.

    Returns:
        Steps that name only steps before them. What is not known says why. Nothing raises.
    """
    if conversation.is_quic:
        return KeySchedule(reason=_QUIC)
    reason = obstacle(conversation.hellos)
    answers = list(conversation.messages(SERVER_HELLO, "received"))
    hello = next((said for said in answers if not is_retry(said)), None)
    if reason or hello is None:
        missing = "after the HelloRetryRequest" if answers else "in what could be read"
        return KeySchedule(reason=reason or f"{missing} came no ServerHello")
    if conversation.hellos.version == TLS13:
        return key_schedule_tls13.told(conversation, explanation, hello, known or Known())
    return key_schedule_tls12.told(conversation, explanation, hello)
