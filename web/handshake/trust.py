"""Who vouches: the chain of certificates as a ladder, what breaks it, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from netcore.handshake.chain_rules import Fault
from netcore.handshake.conversations import FINISHED, Conversation
from netcore.handshake.trust import Trust, Vouched, trust
from netcore.protocols.certificate_names import Comparison
from netcore.trace import Failed
from web import words
from web.addresses import certificate_hrefs
from web.facts import Raw, clean, size
from web.handshake.conversation import VERSIONS, conversation_facts
from web.handshake.lifetime import Lifetime, lifetime, span, written
from web.handshake.possession import ProofView, proof_view
from web.spoken import N_, ngettext
from web.spoken import gettext as _
from web.tale import Tale

_STATES = {"verified": "ok", "refused": "err", "not verified": "warn", "unknown": "note"}
_SIGNATURES = {"holds": "ok", "fails": "err", "unknown": "note"}
_LINKS = {
    "holds": N_("holds"),
    "fails": N_("does not hold"),
    "unknown": N_("not verified here"),
}
_ENDS = {"anchor": N_("trusted"), "unrecorded": N_("not recorded")}
_VERDICTS = {
    "verified": N_("verified"),
    "refused": N_("refused"),
    "not verified": N_("not verified"),
    "unknown": N_("not decided"),
}
_SIGNED_PARTS = ("tbs_certificate", "signature_value")
FIRST_NAMES = 12  # of a certificate that are shown at once
LONG = 200  # characters of a name that came from outside

Hrefs = Sequence[Mapping[str, str]]
"""Of each certificate that was sent: where it and its parts are opened."""


@dataclass(frozen=True)
class Bytes:
    """A link to octets of a certificate, or of the event that has it."""

    text: str
    href: str


@dataclass(frozen=True)
class Step:
    """What is above a certificate: a signature, or the end of the chain."""

    state: str  # ok, err or note: which icon
    verdict: str  # in a word or two
    words: words.Explanation


@dataclass(frozen=True)
class CardView:
    """One certificate."""

    number: int
    role: str
    title: str
    state: str
    summary: str
    is_open: bool
    guilty: bool
    faults: tuple[words.Explanation, ...]
    rows: tuple[tuple[str, str], ...]
    lifetime: Lifetime
    bytes: tuple[Bytes, ...]
    above: Step | None  # None for one that is not in the path


@dataclass(frozen=True)
class NameView:
    """A name in the server's certificate, beside the one that was asked for."""

    kind: str
    value: str
    matches: bool
    rule: words.Text


@dataclass(frozen=True)
class TrustView:
    """The section of the page. Without cards no certificate was shown, as `verdict` says."""

    verdict: words.Explanation
    state: str = "note"
    pill: str = ""
    href: str = ""  # of the event that has the verdict
    cards: tuple[CardView, ...] = ()
    order: words.Explanation | None = None
    unneeded: tuple[CardView, ...] = ()
    more: int = 0
    asked: words.Explanation | None = None
    names: tuple[NameView, ...] = ()  # the first ones and those that match
    other_names: tuple[NameView, ...] = ()
    more_names: int = 0
    mends: tuple[words.Text, ...] = ()
    proof: ProofView | None = None


def trust_view(conversation: Conversation, tale: Tale, base: str) -> TrustView:
    """Who vouches for the server of one connection.

    In: `base`, the path of the trace, which links begin with.
    """
    story = trust(conversation, tale.trace)
    if story is None:
        facts = conversation_facts(conversation, tale)
        return TrustView(words.handshake("no_certificate", facts))
    path, recorded = story.path, story.recorded
    names = tuple(_names(story))
    first = [each for at, each in enumerate(names) if at < FIRST_NAMES or each.matches]
    hrefs = certificate_hrefs(story.message.pdu, tale, base, _SIGNED_PARTS)
    return TrustView(
        verdict=words.handshake("verdict", _verdict_facts(conversation, story, tale)),
        state=_STATES[recorded.verdict],
        pill=_(_VERDICTS[recorded.verdict]),
        href=f"{base}/e/{recorded.event}" if recorded.event else "",
        cards=tuple(_card(each, story, hrefs, base) for each in path),
        order=None if story.in_order else words.handshake("order", _order_facts(story)),
        unneeded=tuple(
            _card(each, story, hrefs, base) for each in story.certificates if each.place < 0
        ),
        more=story.more,
        asked=words.handshake("names", _name_facts(story)) if story.name else None,
        names=tuple(first),
        other_names=tuple(each for each in names if each not in first),
        more_names=path[0].certificate.more_names,
        mends=tuple(_mends(story)),
        proof=proof_view(conversation, story, tale, base),
    )


def _verdict_facts(conversation: Conversation, story: Trust, tale: Tale) -> Mapping[str, Raw]:
    codes, top = story.recorded.codes, story.path[-1]
    told = tale.event(story.recorded.event)
    return {
        "blamed": any(fault.code in codes for fault in story.faults),
        "message": told.message if isinstance(told, Failed) else None,
        "verdict": story.recorded.verdict,
        "wrong": len(codes),
        "version": VERSIONS.get(conversation.hellos.version),
        "finished": any(conversation.messages(FINISHED, "received")),
        "codes": ", ".join(codes) or None,
        "title": story.path[0].certificate.title,
        "anchor": top.certificate.title if top.is_anchor else None,
        "name": story.name,
    }


def _order_facts(story: Trust) -> Mapping[str, Raw]:
    return {"order": ", ".join(str(each.sent) for each in story.path if each.sent)}


def _card(vouched: Vouched, story: Trust, hrefs: Hrefs, base: str) -> CardView:
    own = vouched.certificate
    faults = tuple(_fault("fault", vouched, fault, story) for fault in vouched.faults)
    life = lifetime(own.not_before, own.not_after, story.at)
    number = story.certificates.index(vouched)
    in_path = vouched.place >= 0
    asks = [str(fault.ask) for fault in faults]
    problems = ", ".join(ask[:1].lower() + ask[1:] for ask in asks)  # German nouns keep capitals
    return CardView(
        number=number,
        role=_role(vouched, story),
        title=clean(own.title, LONG),
        state=_state(vouched.faults),
        summary=problems or life.short,
        is_open=bool(faults) or (in_path and not story.faults and vouched.place == 0),
        guilty=any(fault.code in story.recorded.codes[:1] for fault in vouched.faults),
        faults=faults,
        rows=tuple(_rows(vouched)),
        lifetime=life,
        bytes=tuple(_bytes(vouched, story, hrefs, base)),
        above=_above(vouched, story) if in_path else None,
    )


def _state(faults: Sequence[Fault]) -> str:
    if any(fault.code for fault in faults):
        return "err"
    return "note" if faults else "ok"


def _role(vouched: Vouched, story: Trust) -> str:
    if vouched.place < 0:
        return _("Not needed")
    if vouched.place == 0:
        return _("The server's own")
    if vouched.is_anchor:
        return (
            _("Root that we trust") if vouched.certificate.is_self_issued else _("Trusted as it is")
        )
    last = vouched.place == len(story.path) - 1
    return _("Root") if last and vouched.certificate.is_self_issued else _("Intermediate")


def _rows(vouched: Vouched) -> Iterator[tuple[str, str]]:
    own = vouched.certificate
    if own.parsed is None:
        return
    yield _("Subject"), clean(own.subject, LONG) or _("empty")
    yield _("Issuer"), clean(own.issuer, LONG) or _("empty")
    yield _("Key"), clean(own.key)
    yield _("Signed with"), clean(own.signature_algorithm)
    if own.not_before is not None and own.not_after is not None:
        begins, ends = written(own.not_before), written(own.not_after)
        yield _("Valid"), _("%(begins)s to %(ends)s", begins=begins, ends=ends)
    yield _("Authority"), _("yes, CA:TRUE") if own.is_authority else _("no")
    if own.names is not None:
        count = len(own.names) + own.more_names
        named = ngettext("%(count)s name", "%(count)s names", count, count=f"{count:,}")
        yield _("For"), clean(str(own.names[0].value), LONG) if count == 1 else named
    yield _("Serial number"), clean(own.serial_number)
    yield _("Sent"), _sent(vouched)


def _sent(vouched: Vouched) -> str:
    if not vouched.sent:
        return _("not at all")
    return _("as certificate %(number)s", number=f"{vouched.sent:,}")


def _bytes(vouched: Vouched, story: Trust, hrefs: Hrefs, base: str) -> Iterator[Bytes]:
    own = vouched.certificate
    if not vouched.sent:
        if story.recorded.anchor_event:
            text = _("%(size)s, from our own list", size=size(len(own.der)))
            yield Bytes(text, f"{base}/e/{story.recorded.anchor_event}")
        return
    places = hrefs[vouched.sent - 1]
    parts = (
        (N_("What was signed: offsets %(first)s to %(last)s"), own.tbs_certificate),
        (N_("The signature: offsets %(first)s to %(last)s"), own.signature_value),
    )
    yield Bytes(_("All %(size)s", size=size(len(own.der))), places[""])
    for name, (text, (start, end)) in zip(_SIGNED_PARTS, parts, strict=True):
        if end:
            href = places.get(name, places[""])
            yield Bytes(_(text, first=f"{start:,}", last=f"{end - 1:,}"), href)


def _above(vouched: Vouched, story: Trust) -> Step:
    own = vouched.certificate
    if vouched.signer >= 0:
        start, end = own.tbs_certificate
        facts: dict[str, Raw] = {
            "issuer": story.certificates[vouched.signer].certificate.title,
            "signature": vouched.signature,
            "signed_octets": end - start,
        }
        said = words.handshake("link", facts)
        return Step(_SIGNATURES[vouched.signature], _(_LINKS[vouched.signature]), said)
    facts = {
        "end": story.end,
        "anchor": own.title if vouched.is_anchor else None,
        "anchor_sent": bool(vouched.sent),
        "issuer": own.issuer_title,
    }
    state = {"anchor": "ok", "unrecorded": "note"}.get(story.end, "err")
    return Step(state, _(_ENDS.get(story.end, N_("not trusted"))), words.handshake("end", facts))


def _fault(prefix: str, vouched: Vouched, fault: Fault, story: Trust) -> words.Explanation:
    return words.handshake(f"{prefix}_{fault.kind}", _fault_facts(vouched, fault, story))


def _fault_facts(vouched: Vouched, fault: Fault, story: Trust) -> Mapping[str, Raw]:
    own = vouched.certificate
    facts: dict[str, Raw] = {
        "title": own.title,
        "issuer": own.issuer_title,
        "name": story.name,
        "not_after": written(own.not_after) if own.not_after else None,
        "not_before": written(own.not_before) if own.not_before else None,
        "signature": vouched.signature,
        "span": _away(own.not_before, own.not_after, story.at),
    }
    return facts | dict(fault.facts)


def _away(begins: datetime | None, ends: datetime | None, at: datetime) -> str | None:
    """How far the moment of the fetch is from the lifetime."""
    if begins is None or ends is None:
        return None
    return span(max(at - ends, begins - at, timedelta(0)))


def _name_facts(story: Trust) -> Mapping[str, Raw]:
    own = story.path[0].certificate
    matching = [each for each in story.comparisons if each.matches]
    fits = not any(fault.kind == "name" for fault in story.path[0].faults)
    return {
        "name": story.name,
        "count": len(story.comparisons) + own.more_names,
        "readable": not own.error,
        "matches": fits,
        "exact": any(each.rule in ("exact", "address") for each in matching),
        "match": matching[0].value if matching else "a later entry",
    }


def _names(story: Trust) -> Iterator[NameView]:
    for each in story.comparisons:
        facts: dict[str, Raw] = {"name": story.name, "label": _label(each, story.name)}
        rule = words.handshake(f"rule_{each.rule}", facts).what
        yield NameView(clean(each.kind), clean(each.value, LONG), each.matches, rule)
    for common_name in story.path[0].certificate.common_names[:1]:
        rule = words.handshake("rule_common_name", {}).what
        yield NameView("commonName", clean(common_name, LONG), False, rule)


def _label(comparison: Comparison, name: str) -> str:
    """What a star stands for."""
    return name[: len(name) - len(comparison.value) + 1] if comparison.rule == "wildcard" else ""


def _mends(story: Trust) -> Iterator[words.Text]:
    said: set[str] = set()
    for vouched in story.path:
        for fault in (each for each in vouched.faults if each.code):
            text = _fault("mend", vouched, fault, story).what
            if text not in said:
                said.add(text)
                yield text
