"""What is shown of a chain: what breaks it, where, and what the server could have sent."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.field import Field
from netcore.handshake.conversations import conversations
from netcore.protocols.certificate_names import Rule
from netcore.trace import Called, Trace, TrustAnchorFound
from tests.content.rules import ALLOWED_WORDS, BANNED, texts_of
from tests.netcore.handshake.chains import fetched
from tests.netcore.protocols import refused
from tests.netcore.protocols.certificates import DAY, make
from tests.netcore.protocols.refused import CASES, HOST, Case, Chain
from web import addresses
from web.fieldtree import paths
from web.handshake.trust import TrustView, trust_view
from web.tale import Tale, tell
from web.views import failure_view

pytestmark = pytest.mark.wire

ROOT: Final = Path(__file__).resolve().parents[3]
ENTRIES: Final[dict[str, Any]] = tomllib.loads(
    (ROOT / "content" / "handshake" / "trust.toml").read_text("utf-8")
)
RULES_SOURCE: Final = "".join(
    (ROOT / "netcore" / "handshake" / name).read_text("utf-8")
    for name in ("chain_rules.py", "trust.py")
)


def view_of(trace: Trace) -> TrustView:
    tale = tell(trace)
    (conversation,) = conversations(tale.explanation)
    return trust_view(conversation, tale, "/t/x")


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [case for case in CASES if "512" not in case.title], ids=lambda case: case.title
)
def test_each_refused_chain_is_told_whole_with_the_guilty_one_open(case: Case) -> None:
    trace = fetched(case.chain(), case.host)
    view = view_of(trace)
    assert (view.pill, view.state) == ("refused", "err")
    assert case.code not in str(view.verdict.what)  # the heading has it
    (guilty,) = [card for card in view.cards if card.guilty]
    assert guilty.is_open
    assert [card.is_open for card in view.cards].count(True) == 1
    assert all(fault.ask and fault.what for fault in guilty.faults)
    assert view.mends
    assert view.proof is not None
    assert view.proof.verdict == "holds"


@pytest.mark.parametrize(
    "chain",
    [
        refused.sound_in_latin_1,
        refused.self_signed_in_latin_1,
        refused.issuer_in_latin_1,
        refused.expired_in_latin_1,
        lambda: refused.party_in_names("other.example"),
    ],
)
def test_a_certificate_that_only_openssl_can_read_is_told_without_guesses(
    app: Flask, chain: Callable[[], Chain]
) -> None:
    trace = fetched(chain())
    view = view_of(trace)
    page = page_of(app, view)
    assert "can be read here" in page or "cannot be read" in page
    assert "well-formed" not in page
    assert view.asked is not None
    assert not str(view.asked.what).startswith(("Yes", "No"))
    assert all(card.role != "Not needed" for card in view.cards)


def test_the_links_of_a_long_chain_cost_one_walk_through_its_fields(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain = refused.sound()
    trace = fetched(Chain(chain.leaf, [*chain.above] * 9, chain.anchors))
    walked: list[Field] = []
    monkeypatch.setattr(addresses, "paths", lambda tree: walked.append(tree) or paths(tree))
    view = view_of(trace)
    assert len(view.cards) + len(view.unneeded) == 11
    sizes = [tree.length for tree in walked]
    assert sizes.count(max(sizes)) == 1


def test_where_no_certificate_is_found_guilty_the_page_says_what_the_client_said() -> None:
    view = view_of(fetched(refused.of_netscape_for_clients()))
    assert view.pill == "refused"
    assert not any(card.faults for card in view.cards)
    assert "may not be used for servers" in str(view.verdict.what)
    assert "could not be computed here" in str(view.verdict.why)


def test_what_the_server_sent_behind_a_refused_certificate_is_told_by_version() -> None:
    now = view_of(fetched(refused.self_signed()))
    assert "come in the same flight as its certificates" in str(now.verdict.why)
    assert "They are recorded" in str(now.verdict.why)
    before = view_of(fetched(refused.self_signed(), version="1.2"))
    assert "In TLS 1.2 its Finished comes only after ours" in str(before.verdict.why)


def page_of(app: Flask, view: TrustView) -> str:
    with app.test_request_context("/"):
        template = app.jinja_env.get_template("components/trust.html")
        return str(template.make_module(app.jinja_env.globals | {"view": view}).trust(view))  # type: ignore[attr-defined]


def test_the_section_has_everything_in_words_and_icons(app: Flask) -> None:
    page = page_of(app, view_of(fetched(refused.expired_between())))
    for words in ("refused", "It has expired", "holds", "trusted", "What the server could have"):
        assert words in page
    assert page.count("<details") == 3
    assert page.count(" open>") == 1
    assert "style=" not in page


def test_a_sound_chain_is_a_ladder_up_to_the_root_that_ends_it() -> None:
    view = view_of(fetched(refused.sound()))
    assert (view.pill, view.state) == ("verified", "ok")
    assert [card.role for card in view.cards] == [
        "The server's own",
        "Intermediate",
        "Root that we trust",
    ]
    steps = [(card.above.verdict, card.above.state) for card in view.cards if card.above]
    assert steps == [("holds", "ok"), ("holds", "ok"), ("trusted", "ok")]
    assert "Root" in str(view.verdict.what)
    assert [card.is_open for card in view.cards] == [True, False, False]
    assert not view.mends
    assert view.order is None


def test_what_is_not_needed_stands_apart_and_a_wrong_order_is_said() -> None:
    top = refused.root()
    middle = make(top, "Between", ca=True)
    stranger = make(None, "Stranger", ca=True)
    view = view_of(fetched(Chain(refused.leaf(middle), [stranger, middle, top], [top])))
    assert [card.title for card in view.unneeded] == ["Stranger"]
    assert view.order is not None
    assert "in this order: 1, 3, 4." in str(view.order.what)
    assert "sent it along" in str(view.cards[-1].above.words.what if view.cards[-1].above else "")


def test_without_verification_the_verdict_is_told_all_the_same() -> None:
    chain = refused.under(None, "elsewhere.example.com", ends=-DAY)
    view = view_of(fetched(chain, verify=False))
    assert (view.pill, view.state) == ("not verified", "warn")
    assert "tls.hostname_mismatch, tls.cert_expired" in str(view.verdict.what)
    assert len(view.cards[0].faults) == 2
    assert len(view.mends) == 2
    sound = view_of(fetched(refused.sound(), verify=False))
    assert "nothing to refuse" in str(sound.verdict.what)


def test_names_are_shown_with_the_rule_that_decides() -> None:
    chain = refused.named(*refused.dns("*.example.com", "*.y.secure.example.com"))
    view = view_of(fetched(chain))
    rows = [(name.kind, name.value, name.matches) for name in view.names]
    assert rows == [
        ("dNSName", "*.example.com", False),
        ("dNSName", "*.y.secure.example.com", True),
        ("commonName", HOST, False),
    ]
    assert str(view.names[1].rule) == "the star stands for one label, x"
    assert view.asked is not None
    assert "*.y.secure.example.com" in str(view.asked.what)


def test_of_a_thousand_names_a_hundred_are_shown() -> None:
    names = (*(f"{number}.example.com" for number in range(1_000)), HOST)
    view = view_of(fetched(refused.under(None, *names)))
    assert (len(view.names), len(view.other_names), view.more_names) == (12, 89, 901)
    assert view.pill == "verified"
    assert view.asked is not None
    assert "a later entry" in str(view.asked.what)


def selected(tale: Tale, href: str) -> tuple[str, bytes]:
    """The name and the octets of the field that a link opens."""
    parts = urlsplit(href)
    event = int(parts.path.rpartition("/")[2])
    query = parse_qs(parts.query)
    unit = tale.explanation.of_event(event)[int(query["u"][0]) - 1]
    field = paths(tale.explanation.tree(unit))[query["f"][0]][-1]
    return field.name, unit.octets[field.start // 8 : field.end // 8]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_links_lead_to_the_bytes_of_each_certificate(version: str) -> None:
    chain = refused.sound()
    tale = tell(fetched(chain, version=version))
    (conversation,) = conversations(tale.explanation)
    view = trust_view(conversation, tale, "/t/x")
    for card, made in zip(view.cards, (chain.leaf, chain.above[0]), strict=False):
        whole, signed, signature = card.bytes
        assert selected(tale, whole.href) == ("cert_data", made.der)
        for part in (signed, signature):
            assert selected(tale, part.href)[1] in made.der
    (anchor,) = view.cards[-1].bytes
    number = int(anchor.href.rpartition("/")[2])
    assert tale.trace.events[number - 1].certificate == chain.anchors[0].der  # type: ignore[union-attr]


def test_a_connection_without_certificate_says_so() -> None:
    trace = fetched(refused.sound())
    cut = msgspec.structs.replace(trace, events=trace.events[:25])
    tale = tell(cut)
    (conversation,) = conversations(tale.explanation)
    view = trust_view(conversation._replace(said=()), tale, "/t/x")
    assert not view.cards
    assert "No certificate" in str(view.verdict.what)


def test_what_a_certificate_says_is_escaped(app: Flask) -> None:
    hostile = "<script>alert(1)</script>\x1b[31m" + "x" * 20
    root = refused.root()
    chain = Chain(make(root, hostile, refused.dns("<b>.example.com")), (), [root])
    view = view_of(fetched(chain))
    page = page_of(app, view)
    assert "alert(1)" in page
    assert "<script" not in page
    assert "<b>.example" not in page
    assert "\x1b" not in page


@pytest.fixture(scope="module")
def in_the_clear() -> Trace:
    """Before TLS 1.3 certificates can be altered in a recording without breaking a seal."""
    return fetched(refused.expired_between(), version="1.2")


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mutated_recording_gives_a_section_and_no_exception(
    in_the_clear: Trace, data: st.DataObject
) -> None:
    events = list(in_the_clear.events)
    at = next(n for n, e in enumerate(events) if isinstance(e, Called) and e.call == "recv")
    octets = bytearray(events[at].data)  # type: ignore[union-attr]
    for place in data.draw(st.lists(st.integers(5, len(octets) - 1), min_size=1, max_size=6)):
        octets[place] = data.draw(st.integers(0, 255))
    events[at] = msgspec.structs.replace(events[at], data=bytes(octets))
    anchor = data.draw(st.binary(max_size=40))
    events = [
        msgspec.structs.replace(event, certificate=anchor)
        if isinstance(event, TrustAnchorFound) and data.draw(st.booleans())
        else event
        for event in events
    ]
    tale = tell(msgspec.structs.replace(in_the_clear, events=events))
    for conversation in conversations(tale.explanation):
        assert trust_view(conversation, tale, "/t/x").verdict.what


def test_what_is_no_record_shows_no_certificate(in_the_clear: Trace) -> None:
    """Its length ends inside the first certificate, and its version is none of TLS."""
    events = list(in_the_clear.events)
    at = next(n for n, e in enumerate(events) if isinstance(e, Called) and e.call == "recv")
    octets = bytearray(events[at].data)  # type: ignore[union-attr]
    second = 5 + int.from_bytes(octets[3:5], "big")
    octets[second + 1], octets[second + 3] = 0x58, 2
    events[at] = msgspec.structs.replace(events[at], data=bytes(octets))
    tale = tell(msgspec.structs.replace(in_the_clear, events=events))
    views = [trust_view(each, tale, "/t/x") for each in conversations(tale.explanation)]
    assert [view.cards for view in views] == [()]


def test_the_card_of_a_refusal_leads_to_the_chain() -> None:
    view = failure_view(tell(fetched(refused.under(ends=-DAY))), "/t/x")
    assert view is not None
    assert view.chain == "/t/x/tls/1/trust"


def test_every_fault_and_every_rule_has_words_and_no_words_are_without() -> None:
    kinds = set(re.findall(r'Fault\("(\w+)"', RULES_SOURCE))
    assert kinds
    mended = kinds - {"unread"}  # which nobody need mend
    wanted = {f"fault_{kind}" for kind in kinds} | {f"mend_{kind}" for kind in mended}
    wanted |= {f"rule_{rule}" for rule in get_args(Rule)} | {"rule_common_name"}
    wanted |= {"verdict", "link", "end", "validity", "order", "names", "proof", "no_certificate"}
    assert set(ENTRIES) == wanted


@pytest.mark.parametrize("name", ENTRIES)
def test_the_texts_keep_to_the_rules(name: str) -> None:
    for text in texts_of(ENTRIES[name]):
        assert len(text.split()) <= ALLOWED_WORDS
        bare = re.sub(r"\{[a-z_0-9]+\}", "7", text)
        for banned in BANNED[:-2]:
            assert not re.search(banned, bare), text


def test_dates_are_told_from_the_moment_of_the_fetch() -> None:
    view = view_of(fetched(refused.under(ends=timedelta(days=20, hours=1))))
    assert view.cards[0].summary == "20 days left"
