"""Who vouches for the server: the chain as it was sent, and the path from it to a trust anchor.

Theory of operation. The facts are the Certificate message, the trust anchor that the client
recorded, what it decided and when. From them the path is built anew: from the server's own
certificate to one whose subject is its issuer, if possible one whose key made the signature, up
to the anchor. Each signature on the way is verified here, and each certificate is held to the
rules (`chain_rules`). The verdict is the one that was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from netcore.errors import Refused
from netcore.field import Field, find_all
from netcore.handshake.certificates import Certificate, moment, read_certificate, same_name
from netcore.handshake.chain_rules import Fault, faults_of
from netcore.handshake.conversations import Conversation, Said
from netcore.handshake.possession import Proof, proof_of_possession
from netcore.handshake.signatures import Outcome, verify_issued
from netcore.pdu import octets_of
from netcore.protocols.certificate_names import Comparison, compare
from netcore.target import parse
from netcore.trace import Called, Chose, Failed, StageStarted, Trace, TrustAnchorFound

MOST: Final = 10
"""So many certificates of a chain are told of."""

REFUSALS: Final = frozenset(
    {
        "tls.bad_certificate",
        "tls.cert_expired",
        "tls.cert_not_yet_valid",
        "tls.chain",
        "tls.chain_too_long",
        "tls.hostname_mismatch",
        "tls.incomplete_chain",
        "tls.self_signed",
        "tls.unknown_ca",
        "tls.weak_certificate",
    }
)
"""The codes of what a certificate is refused for."""

Verdict = Literal["verified", "refused", "not verified", "unknown"]
End = Literal["anchor", "self_signed", "unknown_root", "missing", "unrecorded"]

_CERTIFICATE: Final = 11
_MALFORMED: Final = "tls.bad_certificate"
_SELF_SIGNED: Final = "tls.self_signed"
_ANCHORLESS: Final = frozenset({_SELF_SIGNED, "tls.unknown_ca", "tls.incomplete_chain"})
_LEADS: Final = ("redirect", "url")  # to another one than that of the trace
_CODE: Final = re.compile(r"\btls\.[a-z_]+(?=: )")


class Recorded(NamedTuple):
    """What the client recorded of the certificate of one connection."""

    verdict: Verdict  # "unknown" if the handshake stopped for another reason, or still runs
    codes: tuple[str, ...]  # of what is wrong; () if nothing is
    event: int  # the number of the event that tells it, 0 if none does
    time_ns: int
    hop: int
    anchor: bytes  # in DER; b"" if the chain ended at none
    anchor_event: int = 0  # the number of the event that has it


class Vouched(NamedTuple):
    """One certificate in its place."""

    certificate: Certificate
    sent: int  # its place in the Certificate message, from 1; 0 if it was not sent
    place: int  # in the path, from 0 for the server's own; -1 if the path does not need it
    is_anchor: bool
    signer: int  # which of the story's certificates has the key of its signature; -1 if none
    signature: Outcome  # what verifying it with that key gave
    faults: tuple[Fault, ...]


class Trust(NamedTuple):
    """The story of one chain."""

    recorded: Recorded
    name: str  # the name or address that was asked for; "" if that cannot be known
    at: datetime
    message: Said
    certificates: tuple[Vouched, ...]  # as sent, then the trust anchor if it was not among them
    more: int  # certificates that were sent and are not told of
    end: End
    comparisons: tuple[Comparison, ...]  # of the names in the server's certificate
    proof: Proof | None

    @property
    def path(self) -> list[Vouched]:
        """From the server's own certificate upwards."""
        return sorted((each for each in self.certificates if each.place >= 0), key=_place)

    @property
    def faults(self) -> list[Fault]:
        """Everything that is wrong, along the path."""
        return [fault for each in self.path for fault in each.faults]

    @property
    def in_order(self) -> bool:
        """Whether each certificate was sent right behind the one that it signed, and no other."""
        return [each.sent for each in self.path if each.sent] == [
            each.sent for each in self.certificates if each.sent
        ]


def trust(conversation: Conversation, trace: Trace) -> Trust | None:
    """Who vouches for the server of a connection; None if it showed no certificate.

    In: the conversation, and the trace that it is of. Never raises.
    """
    message = _shown(conversation)
    if message is None:
        return None
    recorded = recorded_of(trace, conversation.socket)
    entries = _entries(message)
    sent = [read_certificate(octets_of(message.pdu, each)) for each in entries[:MOST]]
    is_new = recorded.anchor and recorded.anchor not in [each.der for each in sent]
    known = [*sent, read_certificate(recorded.anchor)] if is_new else sent
    path, signatures = build_path(known, recorded.anchor)
    end = _end(known, path, recorded)
    name, at = _asked(trace, recorded.hop), _fetched(trace, recorded.time_ns)
    faults = _faults(known, path, signatures, end, len(entries), name, at)
    certificates = tuple(
        Vouched(
            certificate=each,
            sent=number + 1 if number < len(sent) else 0,
            place=path.index(number) if number in path else -1,
            is_anchor=bool(recorded.anchor) and each.der == recorded.anchor,
            signer=_above(path, number),
            signature=signatures.get(number, "unknown"),
            faults=tuple(_as_judged(each, recorded) for each in faults.get(number, ())),
        )
        for number, each in enumerate(known)
    )
    return Trust(
        recorded=recorded,
        name=name,
        at=at,
        message=message,
        certificates=certificates,
        more=max(0, len(entries) - MOST),
        end=end,
        comparisons=tuple(compare(known[0].names or (), name)),
        proof=proof_of_possession(conversation, known[0]),
    )


def recorded_of(trace: Trace, socket: str) -> Recorded:
    """What was recorded of the certificate of a connection.

    In: `socket`, its name: "tcp:1".
    """
    speaking, hop = "", 1
    recorded = Recorded("unknown", (), 0, 0, 1, b"")
    for number, event in enumerate(trace.events, start=1):
        match event:
            case StageStarted():
                hop = event.hop
            case Called() if event.channel:
                speaking = event.socket
                if speaking == socket and not recorded.time_ns:
                    recorded = recorded._replace(time_ns=event.time_ns, hop=hop)
            case TrustAnchorFound() if event.socket == socket:
                recorded = recorded._replace(anchor=event.certificate, anchor_event=number)
            case Chose(what="certificate") | Failed() if speaking == socket:
                recorded = _told(recorded, number, event)
    return recorded


def _told(recorded: Recorded, number: int, event: Chose | Failed) -> Recorded:
    codes: tuple[str, ...] = ()
    verdict: Verdict
    if isinstance(event, Failed):
        if event.code not in REFUSALS or event.stage != "tls":
            return recorded
        verdict, codes = "refused", (event.code,)
    elif event.value == "not verified":
        found = (code for code in _CODE.findall(event.why) if code in REFUSALS)
        verdict, codes = "not verified", tuple(dict.fromkeys(found))
    elif event.value == "verified":
        verdict = "verified"
    else:
        return recorded
    return recorded._replace(verdict=verdict, codes=codes, event=number, time_ns=event.time_ns)


def build_path(known: Sequence[Certificate], anchor: bytes) -> tuple[list[int], dict[int, Outcome]]:
    """The path from the first certificate upwards, and what its signatures are worth.

    In: all certificates that may stand in it; the trust anchor in DER, b"" if there is none.
    Out: their places among those, and by place whether the signature was made with the key of
    the next one in the path; of the last with its own, where it names itself as its issuer.
    """
    path, signatures = [0], dict[int, Outcome]()
    while known[path[-1]].der != anchor:
        own = path[-1]
        issuers = [
            number
            for number, each in enumerate(known)
            if number not in path and same_name(known[own], each)
        ]
        if known[own].is_self_issued:
            signatures[own] = _signed(known, own, own)
            issuers = [] if signatures[own] == "holds" else issuers
        if anchor and known[own].parsed is None:
            issuers = _next_as_sent(known, path, anchor)
        tried = {number: _signed(known, own, number) for number in issuers}
        if not tried:
            break
        best = min(tried, key=lambda each: (tried[each] != "holds", known[each].der != anchor))
        signatures[own] = tried[best]
        path.append(best)
    return path, signatures


def _next_as_sent(known: Sequence[Certificate], path: Sequence[int], anchor: bytes) -> list[int]:
    """Above a certificate that cannot be read here: what stands behind it, else the anchor."""
    behind = path[-1] + 1
    if behind < len(known) and behind not in path:
        return [behind]
    return [at for at, each in enumerate(known) if each.der == anchor and at not in path]


def _signed(known: Sequence[Certificate], issued: int, issuer: int) -> Outcome:
    own, above = known[issued].parsed, known[issuer].parsed
    return "unknown" if own is None or above is None else verify_issued(own, above)


def _end(known: Sequence[Certificate], path: Sequence[int], recorded: Recorded) -> End:
    last = known[path[-1]]
    if recorded.anchor and last.der == recorded.anchor:
        return "anchor"
    if not _ANCHORLESS.intersection(recorded.codes):
        return "unrecorded"
    signed_itself = last.is_self_issued or (last.parsed is None and _SELF_SIGNED in recorded.codes)
    if not signed_itself:
        return "missing"
    return "self_signed" if len(path) == 1 else "unknown_root"


def _faults(
    known: Sequence[Certificate],
    path: Sequence[int],
    signatures: dict[int, Outcome],
    end: End,
    sent: int,
    name: str,
    at: datetime,
) -> dict[int, list[Fault]]:
    chain = [known[number] for number in path]
    anchored = end == "anchor"
    found = {
        number: faults_of(chain, place, anchored=anchored, name=name, at=at)
        for place, number in enumerate(path)
    }
    for number in path[:-1]:
        if signatures.get(number) == "fails":
            found[number].insert(0, Fault("signature", "tls.chain"))
    last = chain[-1]
    if end in ("self_signed", "unknown_root", "missing"):
        found[path[-1]].append(_without_anchor(last, end, sent))
    if sent > MOST:
        found[path[0]].append(Fault("too_many", "tls.chain_too_long", {"sent": sent}))
    return found


def _as_judged(fault: Fault, recorded: Recorded) -> Fault:
    """What cannot be read here is no fault where OpenSSL read it, which takes more."""
    is_read = fault.code == _MALFORMED and _MALFORMED not in recorded.codes
    return Fault("unread", "") if is_read else fault


def _without_anchor(last: Certificate, end: End, sent: int) -> Fault:
    facts = {"issuer": last.issuer_title}
    if end == "self_signed":
        return Fault("self_signed", _SELF_SIGNED, facts)
    if end == "unknown_root":
        return Fault("unknown_root", "tls.unknown_ca", facts)
    if last.issuer_place and sent == 1:
        facts["url"] = last.issuer_place
        return Fault("missing", "tls.incomplete_chain", facts)
    return Fault("missing", "tls.unknown_ca", facts)


def _shown(conversation: Conversation) -> Said | None:
    """The server's Certificate message, if there is a certificate in it."""
    messages = conversation.messages(_CERTIFICATE, "received")
    return next((each for each in messages if _entries(each)), None)


def _entries(message: Said) -> list[Field]:
    return list(find_all(message.pdu.fields(), "cert_data"))


def _above(path: Sequence[int], number: int) -> int:
    """Who stands above a certificate in the path; -1 for nobody."""
    at = path.index(number) + 1 if number in path else len(path)
    return path[at] if at < len(path) else -1


def _asked(trace: Trace, hop: int) -> str:
    """The name or address that the hop asked for: a hop may also ask for the last one's again."""
    url, at = trace.url, 1
    for event in trace.events:
        at = event.hop if isinstance(event, StageStarted) else at
        if at > hop:
            break
        if isinstance(event, Chose) and event.what in _LEADS and "://" in event.value:
            url = event.value
    try:
        target = parse(url)
    except Refused:
        return ""
    return target.address or target.server_name


def _fetched(trace: Trace, time_ns: int) -> datetime:
    try:
        return moment(trace.started, time_ns)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def _place(vouched: Vouched) -> int:
    return vouched.place
