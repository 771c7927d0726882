"""Which signature covers which bytes of the handshake, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netcore.decrypt.openers import TLS13
from netcore.field import Field, find
from netcore.handshake.conversations import CLIENT_HELLO, SERVER_HELLO, Conversation, Said
from netcore.handshake.possession import CONTEXT, Proof
from netcore.handshake.trust import Trust
from web import words
from web.addresses import unit_href
from web.facts import Raw, clean, size
from web.spoken import N_, figure
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import unit_title

_STATES = {"holds": "ok", "fails": "err", "unknown": "note"}
_VERDICTS = {
    "holds": N_("holds"),
    "fails": N_("does not hold"),
    "unknown": N_("not verified here"),
}
_SHOWN = 8  # octets of a value that are written


@dataclass(frozen=True)
class Covered:
    """A part of what is signed, in its order."""

    title: str
    size: str
    href: str = ""  # "" for what is on no wire


@dataclass(frozen=True)
class ProofView:
    """The proof. Without `verdict` there is none, as the words say."""

    words: words.Explanation
    state: str = "note"
    verdict: str = ""
    covered: tuple[Covered, ...] = ()
    digest: str = ""  # what the parts come to, where they are hashed
    signature: Covered | None = None


def proof_view(conversation: Conversation, story: Trust, tale: Tale, base: str) -> ProofView:
    """The server's signature over the handshake.

    In: `base`, the path of the trace, which links begin with.
    """
    proof = story.proof
    if proof is None:
        kind = "rsa" if conversation.hellos.cipher_suite.startswith("TLS_RSA_") else "none"
        return ProofView(words.handshake("proof", {"kind": kind}))
    octets = sum(each.pdu.size for each in proof.covered)
    facts: dict[str, Raw] = {
        "kind": "transcript" if proof.digest else "params",
        "outcome": proof.outcome,
        "algorithm": proof.algorithm or None,
        "title": story.path[0].certificate.title,
        "covered_octets": octets,
        "signed_octets": len(proof.signed),
        "messages": len(proof.covered),
    }
    parts = _transcript if conversation.hellos.version == TLS13 else _params
    return ProofView(
        words=words.handshake("proof", facts),
        state=_STATES[proof.outcome],
        verdict=_(_VERDICTS[proof.outcome]),
        covered=tuple(parts(proof, tale, base)),
        digest=_digest(proof),
        signature=_signature(proof, tale, base),
    )


def _transcript(proof: Proof, tale: Tale, base: str) -> Iterator[Covered]:
    """RFC 8446 §4.4.3: what is hashed."""
    for each in proof.covered:
        yield _message(each, tale, base)


def _params(proof: Proof, tale: Tale, base: str) -> Iterator[Covered]:
    """RFC 5246 §7.4.3: two randoms and the parameters, side by side."""
    for each in proof.covered:
        is_hello = each.msg_type in (CLIENT_HELLO, SERVER_HELLO)
        names = ("random",) if is_hello else ("server_ecdh_params", "server_dh_params")
        tree = each.pdu.fields()
        field = next((found for name in names if (found := find(tree, name))), None)
        if field is not None:
            title = f"{clean(unit_title(each.pdu))}: {field.name}"
            href = unit_href(each.pdu, tale, base, field.name)
            yield Covered(title, _size(field), href)


def _message(said: Said, tale: Tale, base: str) -> Covered:
    return Covered(
        clean(unit_title(said.pdu)), figure(size(said.pdu.size)), unit_href(said.pdu, tale, base)
    )


def _digest(proof: Proof) -> str:
    """What is signed in the end, where it is a hash behind a context."""
    if not proof.digest:
        return ""
    hashed = proof.signed.rpartition(CONTEXT.encode() + b"\0")[2]
    name = proof.digest.upper().replace("SHA", "SHA-")
    shown = hashed[:_SHOWN].hex(" ")
    return _(
        "64 spaces, “%(context)s”, a zero byte, and the %(hash)s of all that: %(first)s …",
        context=CONTEXT,
        hash=name,
        first=shown,
    )


def _signature(proof: Proof, tale: Tale, base: str) -> Covered:
    title = _("%(title)s: signature", title=clean(unit_title(proof.said.pdu)))
    href = unit_href(proof.said.pdu, tale, base, "signature")
    return Covered(title, _size(proof.signature), href)


def _size(field: Field) -> str:
    return figure(size(field.length // 8))
