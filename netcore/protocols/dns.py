"""DNS as a stub resolver speaks it: one question and what may answer it (RFC 1035), without I/O.

Theory of operation. `ask` makes a question with a random id. Each datagram that arrives on its
socket is judged against it. One that is no answer to this question (too short, another id, another
name) is `Ignored` with the reason, and the caller goes on waiting: anyone may send datagrams. One
that is the answer but cannot be read raises `dns.malformed`. Else it is an `Answer`: aliases
(CNAME) are followed inside it as far as it goes, and addresses are those of the last alias. Of an
answer that was cut to fit a datagram (TC=1) no record is read: the one that matters may be missing.
What HTTPS records say is read by `dns_services`.

Over TCP each message has its length before it (`prefixed`, `Messages`; RFC 1035 §4.2.2).
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import msgspec

from netcore.errors import FetchError
from netcore.protocols.dns_services import HTTPS, ServiceRecord, read_services
from netcore.protocols.head import shown

EDNS_OCTETS: Final = 1232
"""Datagrams of this size pass without fragments nearly everywhere (DNS flag day 2020)."""

MESSAGE_OCTETS: Final = 65_535
"""The longest message that TCP can carry: its length has two octets."""

HEADER_OCTETS: Final = 12
_LENGTH: Final = 2
_TC: Final = 0x02  # in octet 2 of a message
_FAULTS: Final = {
    str(kind()): words
    for kind, words in (
        (dns.message.BadEDNS, "an OPT record stands where none may, or twice (RFC 6891 §6.1.1)"),
        (dns.message.TrailingJunk, "octets follow behind the last record that its header counts"),
        (dns.name.BadPointer, "a name in it points to an octet that does not stand before it"),
        (dns.name.BadLabelType, "a label in it begins with bits that mean nothing (RFC 6891 §5)"),
        (dns.name.NameTooLong, "a name in it has more than 255 octets"),
        (dns.exception.FormError, "a count or a length in it does not fit what came"),
        (dns.exception.SyntaxError, "its data does not have the form of its type"),
    )
}
"""What dnspython says is wrong with a message, and that in words for a reader."""

_NOT_OF_ONE_RECORD: Final = (
    dns.message.BadEDNS,
    dns.name.BadPointer,
    dns.name.BadLabelType,
    dns.name.NameTooLong,
)
"""Where a record stands or what its name is, not what its data is."""

A: Final = "A"
AAAA: Final = "AAAA"


class Question(msgspec.Struct, frozen=True):
    """One question as it is sent."""

    name: str  # without a trailing dot
    rdtype: str
    id: int
    octets: bytes

    def with_id(self, number: int) -> Question:
        """The same question under another id."""
        octets = number.to_bytes(2, "big") + self.octets[2:]
        return Question(self.name, self.rdtype, number, octets)


class Ignored(msgspec.Struct, frozen=True):
    """A datagram that does not answer the question, and why not."""

    why: str


class Answer(msgspec.Struct, frozen=True):
    """What the answer says. One that was cut says nothing but that."""

    rdtype: str
    rcode: str  # "NOERROR", "NXDOMAIN", "SERVFAIL", ...
    truncated: bool
    aliases: tuple[str, ...]  # the names that CNAME records lead to, in order
    addresses: tuple[str, ...]
    note: str = ""
    services: tuple[ServiceRecord, ...] = ()  # of the last alias, where HTTPS was asked for
    question_id: int = 0


class Messages:
    """The messages in a stream of octets from TCP, each behind its length."""

    def __init__(self) -> None:
        self._buffer = b""

    @property
    def state(self) -> str:
        """What has arrived of a message that is not whole, in words for a reader; "" if nothing."""
        if not self._buffer:
            return ""
        if len(self._buffer) < _LENGTH:
            return "one octet of a length"
        due = int.from_bytes(self._buffer[:_LENGTH], "big")
        return f"{len(self._buffer) - _LENGTH:,} of {due:,} octets"

    def receive(self, data: bytes) -> list[bytes]:
        """Take what has arrived. Out: the messages that are whole now, without their lengths."""
        self._buffer += data
        found = []
        while len(self._buffer) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._buffer[:_LENGTH], "big")
            if len(self._buffer) < end:
                break
            found.append(self._buffer[_LENGTH:end])
            self._buffer = self._buffer[end:]
        return found


def prefixed(message: bytes) -> bytes:
    """The message as TCP carries it: behind its length, so that both go out in one segment."""
    return len(message).to_bytes(_LENGTH, "big") + message


def ask(name: str, rdtype: str, *, padding: int = 0, recursion: bool = True) -> Question:
    """A question for `name`, with EDNS; with `recursion` desired, as of a resolver.

    In: `padding`, of how many octets its length is to be a multiple (RFC 7830), 0 for none.
    Raises: FetchError guard.bad_host if it is no name for DNS.
    """
    number = secrets.randbelow(65_536)
    try:
        query = dns.message.make_query(
            name, rdtype, use_edns=0, payload=EDNS_OCTETS, id=number, pad=padding
        )
        if not recursion:
            query.flags &= ~dns.flags.RD
    except (dns.exception.DNSException, UnicodeError) as error:
        raise FetchError(
            "guard.bad_host", f'{name} is no name for DNS: "{_quoted(error)}".'
        ) from error
    return Question(name.rstrip("."), rdtype, number, query.to_wire())


def judge(question: Question, datagram: bytes) -> Ignored | Answer:
    """What a datagram on the question's socket is.

    Raises: FetchError dns.malformed, dns.malformed_record, dns.cname_loop.
    """
    why = misfit(question, datagram)
    if why:
        return Ignored(why)
    if datagram[2] & _TC:
        return Answer(question.rdtype, "", True, (), (), question_id=question.id)
    return _read(question, datagram, _echoed(datagram))


def misfit(question: Question, datagram: bytes) -> str:
    """Why a datagram does not answer the question, "" if it does. No record of it is read.

    Raises: FetchError dns.malformed, where the question that it repeats cannot be read.
    """
    if len(datagram) < HEADER_OCTETS:
        return f"{len(datagram)} octets are too few for a DNS header of {HEADER_OCTETS}."
    number = int.from_bytes(datagram[:2], "big")
    if number != question.id:
        return f"It has the id {number}; the question had {question.id}."
    if not datagram[2] & 0x80:
        return "It is a question, not an answer."
    if (datagram[2] >> 3) & 0x0F != dns.opcode.QUERY:
        return "It answers another kind of request than a query."
    asked = _echoed(datagram)
    if asked is None:
        return "" if datagram[3] & 0x0F else "It does not repeat the question."
    if not _same(asked, question):
        return f"It answers the question {shown(asked[0].encode())} {asked[1]}."
    return ""


def _echoed(datagram: bytes) -> tuple[str, str] | None:
    """The name and type of the question that the datagram repeats, None if it has no question."""
    if datagram[4:6] != b"\0\1":
        return None
    try:
        # Without its other counts the header announces the question alone.
        message = dns.message.from_wire(datagram[:6] + bytes(6) + datagram[12:], question_only=True)
    except (dns.exception.DNSException, ValueError) as error:
        raise _malformed(error) from error
    echoed = message.question[0]
    return echoed.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(echoed.rdtype)


def _same(asked: tuple[str, str], question: Question) -> bool:
    return asked[0].lower() == question.name.lower() and asked[1] == question.rdtype


def _read(question: Question, datagram: bytes, asked: tuple[str, str] | None) -> Answer:
    try:
        message = dns.message.from_wire(datagram)
    except (dns.exception.DNSException, ValueError) as error:
        raise _malformed(error, _only_in_records(datagram, error)) from error
    aliases, found = _follow(message, question)
    addresses: tuple[str, ...] = ()
    services: tuple[ServiceRecord, ...] = ()
    if question.rdtype == HTTPS:
        services = read_services(found, (question.name.lower(), *aliases)[-1])
    else:
        addresses = tuple(each.address for each in found)
    note = ""
    if asked is not None and asked[0] != question.name:
        note = f"It repeats the name in other letters: {shown(asked[0].encode())}."
    return Answer(
        question.rdtype,
        dns.rcode.to_text(message.rcode()),
        False,
        aliases,
        addresses,
        note,
        services,
        question.id,
    )


def _malformed(error: Exception, in_record: bool = False) -> FetchError:
    code, what = "dns.malformed", "The resolver's answer"
    if in_record:
        code, what = "dns.malformed_record", "A record of the answer"
    return FetchError(code, f"{what} is malformed: {_in_words(error)}.")


def _in_words(error: Exception) -> str:
    """What the library found wrong: in our words, else in its own, in quotes and on one line."""
    return _FAULTS.get(str(error), f'the library that reads it says "{_quoted(error)}"')


def _quoted(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _only_in_records(datagram: bytes, error: Exception) -> bool:
    """Whether all records can be found, and only the data of one cannot be read."""
    if isinstance(error, _NOT_OF_ONE_RECORD):
        return False
    try:
        message = dns.message.from_wire(datagram, continue_on_error=True, one_rr_per_rrset=True)
    except (dns.exception.DNSException, ValueError):
        return False
    announced = sum(int.from_bytes(datagram[at : at + 2], "big") for at in (6, 8, 10))
    found = len(message.answer) + len(message.authority) + len(message.additional)
    return announced == found + len(message.errors) + (message.opt is not None)


def _follow(
    message: dns.message.Message, question: Question
) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The aliases from the question's name on, and the records of the last of them."""
    aliases: dict[str, str] = {}
    records: dict[str, list[Any]] = {}
    for rrset in message.answer:
        if rrset.rdclass != dns.rdataclass.IN:
            continue
        owner = _text(rrset.name)
        if rrset.rdtype == dns.rdatatype.CNAME:
            aliases[owner] = _text(rrset[0].target)
        elif dns.rdatatype.to_text(rrset.rdtype) == question.rdtype:
            records.setdefault(owner, []).extend(rrset)
    chain = [question.name.lower()]
    while chain[-1] in aliases:
        chain.append(aliases[chain[-1]])
        if chain[-1] in chain[:-1]:
            raise FetchError("dns.cname_loop", f"The aliases (CNAME) lead back to {chain[-1]}.")
    return tuple(chain[1:]), tuple(records.get(chain[-1], ()))


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
