"""Every field of every vector has words of its own, and all texts keep to the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from netcore.field import Field
from netcore.registries.tls import ALERTS
from tests.content.rules import ALLOWED_WORDS, BANNED, FACT, PACKET, TEXTS, texts_of
from tools.vectors import VECTORS, read_octets, tree_of
from web import words
from web.words import Entry, Explanation

FIELD_FACTS = {
    *("value", "label", "hex", "first4", "text", "octets", "size", "bits", "start", "count"),
    *("list", "digits", "sized", "seconds", "moment", "name", "error"),
}
CONDITIONS = {"grease", "lower", "parent", *FIELD_FACTS}

OF_PACKETS = ("quic_", "http3_", "qpack_")  # protocols whose RFCs call what they send packets

Seen = tuple[str, tuple[Field, ...], bytes]


def paths(tree: Field, above: tuple[Field, ...] = ()) -> Iterator[tuple[Field, ...]]:
    path = (*above, tree)
    yield path
    for child in tree.children:
        yield from paths(child, path)


@cache
def in_vectors() -> list[Seen]:
    """Dissector, path and octets of every field of every vector."""
    files = sorted(VECTORS.glob("*/*.hex"))
    return [
        (file.parent.name, path, read_octets(file))
        for file in files
        for path in paths(tree_of(file))
    ]


@cache
def explained() -> list[tuple[Seen, Explanation]]:
    return [(seen, words.explain_field(*seen)) for seen in in_vectors()]


@cache
def field_tables() -> dict[str, dict[str, Entry]]:
    return words.field_tables()


@cache
def family_of(dissector: str) -> str:
    families = [name for name in field_tables() if re.match(rf"{name}([._]|$)", dissector)]
    return max(families, key=len, default="any")


@cache
def in_families() -> list[tuple[str, tuple[Field, ...]]]:
    """Every field of every vector, and the family whose words serve it."""
    return [
        (words.family_of(dissector, [field.name for field in path]), path)
        for dissector, path, _ in in_vectors()
    ]


def entries() -> list[tuple[str, str]]:
    return [(family, name) for family, table in field_tables().items() for name in table]


def test_every_field_of_every_vector_has_words_of_its_own() -> None:
    general = {
        f"{dissector}: {'.'.join(field.name for field in path)}"
        for (dissector, path, _), found in explained()
        if found.what.startswith(f"{path[-1].name} stands at offset")
    }
    assert general == set()


def test_every_alert_says_what_it_means() -> None:
    entry = field_tables()["tls_alert"]["description"]
    told = [variant["value"] for variant in entry["when"]]
    numbers = [n for each in told for n in (each if isinstance(each, list) else [each])]
    assert sorted(numbers) == sorted(ALERTS)


def test_every_family_of_vectors_has_its_file() -> None:
    alone = {"message_body", "surplus", "not_kept", "uncut", "quic_stream_data"}
    dissectors = {path.name for path in VECTORS.iterdir()} - alone
    assert {family_of(dissector) for dissector in dissectors} == set(field_tables()) - {"any"}


def test_no_words_are_without_a_field() -> None:
    named = {(family, path[-1].name) for family, path in in_families()}
    named |= {("any", name) for _, name in named}
    below = {
        (family, f"{above.name}.{path[-1].name}")
        for family, path in in_families()
        for above in path[:-1]
    }
    assert set(entries()) - named - below == set()


def test_every_question_is_one_and_every_answer_is_there() -> None:
    for (_, path, _), found in explained():
        assert found.ask.endswith("?"), path[-1].name
        assert found.what, path[-1].name


def test_no_text_is_longer_than_sixty_words() -> None:
    long = {
        f"{path[-1].name}: {found.what} {found.why}"
        for (_, path, _), found in explained()
        if len(f"{found.what} {found.why}".split()) > ALLOWED_WORDS
    }
    assert long == set()


def test_half_of_the_texts_keep_to_about_thirty_words() -> None:
    texts = {found.what + " " + found.why for _, found in explained()}
    lengths = sorted(len(text.split()) for text in texts)
    assert 20 <= lengths[len(lengths) // 2] <= 40


@pytest.mark.parametrize("pattern", BANNED)
def test_no_text_has_a_banned_word(pattern: str) -> None:
    texts = {
        text
        for (dissector, path, _), found in explained()
        for text in (found.ask, found.what, found.why)
        if pattern != PACKET or not is_of_packets(dissector, path)
    }
    assert [text for text in texts if re.search(pattern, text)] == []


def test_every_answer_names_a_fact_of_its_field() -> None:
    without = [
        answer
        for family, name in entries()
        for answer in answers_of(field_tables()[family][name])
        if not FACT.search(answer) and "reached its limit" not in answer
    ]
    assert without == []


def is_of_packets(dissector: str, path: tuple[Field, ...]) -> bool:
    return words.family_of(dissector, [field.name for field in path]).startswith(OF_PACKETS)


def answers_of(entry: Entry) -> list[str]:
    variants = [*entry.get("when", ()), entry.get("otherwise", {})]
    return [table["what"] for table in (entry, *variants) if "what" in table]


def test_every_fact_and_condition_of_an_entry_exists() -> None:
    unknown = []
    for family, name in entries():
        entry = field_tables()[family][name]
        facts = [fact for text in texts_of(entry) for fact in FACT.findall(text)]
        keys = [key for variant in entry.get("when", ()) for key in variant if key not in TEXTS]
        unknown += [(name, fact) for fact in facts if not is_known(fact, FIELD_FACTS, family)]
        unknown += [(name, key) for key in keys if not is_known(key, CONDITIONS, family)]
    assert unknown == []


def is_known(name: str, facts: set[str], family: str) -> bool:
    """Whether a text may ask for this: the fact exists, and so does the field that it is of."""
    scope, _, rest = name.partition(":")
    if scope in ("in", "near"):
        field, _, fact = rest.partition(".")
        return (fact or "value") in CONDITIONS and field in field_names(family)
    if scope == "next":
        return rest in facts
    return name in (*facts, "parent") or name.removeprefix("parent_") in FIELD_FACTS


@cache
def field_names(family: str) -> set[str]:
    """Names of the fields that a family serves, of what they are in, and of what is in them."""
    return {
        field.name
        for (dissector, path, _), (own, _) in zip(in_vectors(), in_families(), strict=True)
        if family in ("any", own, family_of(dissector))
        for field in path
    }


def test_the_keys_of_every_entry_are_spelt_right() -> None:
    allowed = {*TEXTS, "when", "otherwise"}
    for family, name in entries():
        assert set(field_tables()[family][name]) <= allowed, (family, name)


def test_a_shell_line_holds_nothing_from_outside_but_hexadecimal_digits() -> None:
    lines = {
        (name, line)
        for family, name in entries()
        for table in (field_tables()[family][name], *field_tables()[family][name].get("when", ()))
        if (line := table.get("try"))
    }
    assert lines
    assert {name for name, line in lines if FACT.search(line)} == {"chunk_size"}
