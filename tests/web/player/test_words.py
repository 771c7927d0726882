"""The words of steps: short, with their facts, one for each kind and none without a rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.content.rules import BANNED, PACKET
from web.player.words import KINDS, MOST_WORDS, caption, fill, question

ROOM = Path(__file__).parents[3] / "web" / "player"
AGAIN = "_again"


def proposed() -> set[str]:
    """The kinds that the rules propose."""
    source = "".join(path.read_text("utf-8") for path in ROOM.glob("*_rules.py"))
    kinds = set(re.findall(r'found\(\s*"(\w+)"', source))
    return (
        kinds
        | set(re.findall(r'kind = "(\w+)" if \S+.* else "\w+"', source))
        | set(re.findall(r'kind = "\w+" if \S+.* else "(\w+)"', source))
    )


def test_each_kind_has_words_and_no_words_are_without_a_kind() -> None:
    named = {kind.removesuffix(AGAIN) for kind in KINDS}
    assert named == proposed()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_caption_is_short_and_keeps_to_the_rules(kind: str) -> None:
    words = KINDS[kind]
    assert len(words.caption.split()) <= MOST_WORDS
    assert 1 <= words.weight <= 3
    for text in (words.caption, words.ask):
        filled = re.sub(r"\{\w+\}", "1", text)
        banned = [p for p in BANNED if not (p == PACKET and kind.startswith("quic_"))]
        assert [pattern for pattern in banned if re.search(pattern, filled)] == []
    assert not words.ask or words.ask.endswith("?")


def test_facts_are_put_in_place() -> None:
    facts = (("name", "a.example"), ("type", "A"))
    assert caption("dns_query", facts).startswith("The resolver hears a.example and the type A,")
    assert question("dns_query", facts).endswith("?")
    assert question("client_hello", ()) == ""


def test_a_value_from_outside_is_never_read_as_a_template() -> None:
    assert fill("{a}", (("a", "{b} %s %(c)s"),)) == "{b} %s %(c)s"


def test_a_missing_fact_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("{a}", ())
