"""DNS without I/O: which datagrams answer a question, and what they say."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.errors import FetchError
from netcore.protocols.dns import Answer, Ignored, Messages, Question, ask, judge, misfit, prefixed

QUESTION = ask("www.example.com", "A")


def reply(question: Question, *records: str, rcode: int = 0) -> dns.message.Message:
    message = dns.message.make_response(dns.message.from_wire(question.octets))
    message.set_rcode(dns.rcode.Rcode(rcode))
    for record in records:
        message.answer.append(dns.rrset.from_text(*record.split(" ", 4)))
    return message


def judged(*records: str, rcode: int = 0) -> Answer:
    answer = judge(QUESTION, reply(QUESTION, *records, rcode=rcode).to_wire())
    assert isinstance(answer, Answer)
    return answer


def test_a_question_has_a_random_id_edns_and_asks_for_recursion() -> None:
    ids = {ask("example.com", "AAAA").id for _ in range(50)}
    assert len(ids) > 40
    message = dns.message.from_wire(QUESTION.octets)
    assert (message.id, message.edns, message.payload) == (QUESTION.id, 0, 1232)
    assert message.flags & dns.flags.RD


def test_addresses_are_those_of_the_last_alias() -> None:
    answer = judged(
        "www.example.com. 60 IN CNAME Web.Example.net.",
        "web.example.net. 60 IN CNAME a.example.org.",
        "a.example.org. 60 IN A 192.0.2.1",
        "a.example.org. 60 IN A 192.0.2.2",
        "unasked.example. 60 IN A 192.0.2.9",
    )
    assert answer.aliases == ("web.example.net", "a.example.org")
    assert sorted(answer.addresses) == ["192.0.2.1", "192.0.2.2"]


@pytest.mark.parametrize(("number", "name"), [(2, "SERVFAIL"), (3, "NXDOMAIN"), (5, "REFUSED")])
def test_the_response_code_has_its_name(number: int, name: str) -> None:
    assert judged(rcode=number).rcode == name


def test_a_cut_answer_says_so() -> None:
    message = reply(QUESTION)
    message.flags |= dns.flags.TC
    answer = judge(QUESTION, message.to_wire())
    assert isinstance(answer, Answer)
    assert answer.truncated


def test_of_a_cut_answer_no_record_is_read() -> None:
    """Some servers cut in the middle of a record."""
    message = reply(QUESTION, "www.example.com. 60 IN A 192.0.2.1")
    message.flags |= dns.flags.TC
    answer = judge(QUESTION, message.to_wire()[:-15])
    assert isinstance(answer, Answer)
    assert (answer.truncated, answer.addresses) == (True, ())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=5), st.integers(1, 9))
def test_messages_come_out_of_a_stream_however_it_is_cut(messages: list[bytes], size: int) -> None:
    stream = b"".join(map(prefixed, messages)) + b"\0\5abc"
    reader = Messages()
    found = []
    for start in range(0, len(stream), size):
        found += reader.receive(stream[start : start + size])
    assert found == messages
    assert reader.state == "3 of 5 octets"


def test_half_a_length_and_nothing_are_told_apart() -> None:
    reader = Messages()
    assert reader.state == ""
    assert reader.receive(b"\1") == []
    assert reader.state == "one octet of a length"


def test_a_server_that_answers_in_other_letters_is_noted() -> None:
    other = Question("www.example.com", "A", QUESTION.id, ask("WWW.example.com", "A").octets)
    wire = bytearray(reply(other).to_wire())
    wire[:2] = QUESTION.id.to_bytes(2, "big")
    answer = judge(QUESTION, bytes(wire))
    assert isinstance(answer, Answer)
    assert "WWW.example.com" in answer.note


def other_id() -> bytes:
    wire = reply(QUESTION).to_wire()
    return bytes([wire[0] ^ 1]) + wire[1:]


def of(name: str, rdtype: str) -> bytes:
    wire = reply(ask(name, rdtype)).to_wire()
    return QUESTION.id.to_bytes(2, "big") + wire[2:]


@pytest.mark.parametrize(
    ("datagram", "why"),
    [
        pytest.param(b"", "too few", id="empty"),
        pytest.param(other_id()[:5], "5 octets", id="cut header"),
        pytest.param(other_id(), "id", id="other id"),
        pytest.param(QUESTION.octets, "a question", id="a question"),
        pytest.param(of("other.example.com", "A"), "other.example.com", id="other name"),
        pytest.param(of("www.example.com", "AAAA"), "AAAA", id="other type"),
        pytest.param(QUESTION.octets[:2] + b"\x81\x80" + bytes(8), "repeat", id="no question"),
    ],
)
def test_what_is_no_answer_is_ignored_with_the_reason(datagram: bytes, why: str) -> None:
    verdict = judge(QUESTION, datagram)
    assert isinstance(verdict, Ignored)
    assert why in verdict.why


def failure(datagram: bytes) -> str:
    with pytest.raises(FetchError) as caught:
        judge(QUESTION, datagram)
    return caught.value.code


def answer_with(rdata: bytes, rdtype: int = 1, count: int = 1, owner: bytes = b"\xc0\x0c") -> bytes:
    """The answer section written by hand, without EDNS."""
    question = QUESTION.octets[12:-11]
    header = QUESTION.id.to_bytes(2, "big") + b"\x81\x80\0\1" + count.to_bytes(2, "big") + bytes(4)
    record = owner + rdtype.to_bytes(2, "big") + b"\0\1\0\0\0\x3c"
    return header + question + record + len(rdata).to_bytes(2, "big") + rdata


def test_the_answer_written_by_hand_is_right_before_it_is_broken() -> None:
    answer = judge(QUESTION, answer_with(bytes([192, 0, 2, 1])))
    assert isinstance(answer, Answer)
    assert answer.addresses == ("192.0.2.1",)


@pytest.mark.parametrize(
    ("datagram", "code"),
    [
        pytest.param(
            answer_with(bytes(4), owner=b"\xc0\xff"), "dns.malformed", id="pointer past the end"
        ),
        pytest.param(answer_with(b"\xc0\x40", 5), "dns.malformed", id="pointer forward"),
        pytest.param(answer_with(bytes(4), count=65_535), "dns.malformed", id="records missing"),
        pytest.param(answer_with(bytes(4))[:-2], "dns.malformed", id="cut"),
        pytest.param(answer_with(bytes(4)) + b"x", "dns.malformed", id="octets behind the end"),
        pytest.param(answer_with(b"", 41), "dns.malformed", id="an OPT record as an answer"),
        pytest.param(answer_with(bytes(3)), "dns.malformed_record", id="address of 3 octets"),
        pytest.param(answer_with(bytes(5)), "dns.malformed_record", id="address of 5 octets"),
    ],
)
def test_an_answer_that_cannot_be_read_is_malformed(datagram: bytes, code: str) -> None:
    assert failure(datagram) == code


@pytest.mark.parametrize(
    ("datagram", "says"),
    [
        (answer_with(b"", 41), "an OPT record stands where none may"),
        (answer_with(bytes(4))[:-2], "a count or a length in it does not fit what came"),
        (answer_with(bytes(4), owner=b"\xc0\xff"), "points to an octet that does not stand before"),
        (answer_with(bytes(5)), "its data does not have the form of its type"),
        (answer_with(bytes(4)) + b"x", "octets follow behind the last record"),
        (answer_with(b"\x05hello" * 50, 250), 'the library that reads it says "'),
    ],
    ids=["OPT", "cut", "pointer", "form", "behind", "library"],  # the datagrams begin with chance
)
def test_what_is_malformed_is_told_in_one_line_of_ours(datagram: bytes, says: str) -> None:
    with pytest.raises(FetchError) as caught:
        judge(QUESTION, datagram)
    assert says in caught.value.message
    assert "\n" not in caught.value.message
    assert "  " not in caught.value.message


def test_the_librarys_text_is_never_more_than_a_quotation_on_one_line() -> None:
    with pytest.raises(FetchError) as caught:
        ask("a..example", "A")
    assert caught.value.message.startswith('a..example is no name for DNS: "')


def test_whether_a_datagram_fits_its_question_is_told_without_reading_a_record() -> None:
    assert misfit(QUESTION, answer_with(bytes(4), count=65_535)) == ""
    assert "octets are too few" in misfit(QUESTION, b"\0")


def test_aliases_that_lead_back_are_a_loop() -> None:
    records = (
        "www.example.com. 60 IN CNAME b.example.",
        "b.example. 60 IN CNAME www.example.com.",
    )
    assert failure(reply(QUESTION, *records).to_wire()) == "dns.cname_loop"


def test_a_name_that_dns_cannot_carry_is_refused() -> None:
    with pytest.raises(FetchError) as caught:
        ask("a" * 64 + ".example", "A")
    assert caught.value.code == "guard.bad_host"


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4), st.integers(0, 200)
)
def test_any_datagram_is_ignored_read_or_malformed(
    changes: list[tuple[int, int]], length: int
) -> None:
    wire = bytearray(reply(QUESTION, "www.example.com. 60 IN A 192.0.2.1").to_wire())
    for at, value in changes:
        wire[at % len(wire)] = value
    try:
        outcome: object = judge(QUESTION, bytes(wire[: length or None]))
    except FetchError as error:
        outcome = error.code
    assert isinstance(outcome, Ignored | Answer) or str(outcome).startswith("dns.")
