"""Bugs and rules keep to their length and name what exists; only what is broken is called so."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from tests.content.rules import BANNED, FACT, PACKET
from tests.content.test_event_words import ALL_CODES, decisions_in_the_source
from tests.content.test_field_words import (
    FIELD_FACTS,
    OF_PACKETS,
    in_families,
    in_vectors,
    is_known,
)
from web.deeper import standard_facts
from web.rules import CONTENT, FIELDS, field_rule
from web.verified import CHECKS

DEEPER: Final = CONTENT / "deeper"
FILES: Final = sorted(path.relative_to(CONTENT) for path in DEEPER.rglob("*.toml"))
MOST: Final = {"bug": 35, "rule": 40}
KEYS: Final = {"bug", "rule", "spec", "holds", "proves", "check", "shown"}


def read(name: object) -> dict[str, Any]:
    return tomllib.loads((CONTENT / str(name)).read_text("utf-8"))


def tables(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield {key: value for key, value in entry.items() if key != "when"}
    yield from entry.get("when", ())


@pytest.mark.parametrize("name", FILES, ids=str)
def test_a_bug_has_35_words_and_a_rule_40_at_most(name: object) -> None:
    family = str(name).rpartition("/")[2].partition(".")[0]
    packets = f"{family}_".startswith(OF_PACKETS) or family == "errors"
    banned = [each for each in BANNED if each != PACKET or not packets]
    for entry in read(name).values():
        for table in tables(entry):
            for key, most in MOST.items():
                text = table.get(key, "")
                assert len(text.split()) <= most, text
                assert [each for each in banned if re.search(each, text)] == [], text


@pytest.mark.parametrize("name", FILES, ids=str)
def test_a_german_text_stands_beside_every_english_one(name: object) -> None:
    german = read(f"de/{name}")
    for key, entry in read(name).items():
        for own, table in zip(tables(german[key]), tables(entry), strict=True):
            assert {each for each in MOST if each in own} == {
                each for each in MOST if each in table
            }


@pytest.mark.parametrize("name", FILES, ids=str)
def test_a_rule_names_its_section_and_a_check_that_exists(name: object) -> None:
    for entry in read(name).values():
        for table in tables(entry):
            assert ("rule" in table) == ("spec" in table), table
            if "spec" in table:
                assert len(standard_facts(table["spec"])) == len(table["spec"].split(", ")), table
            assert table.get("check", "sound") in CHECKS
            assert sum(key in table for key in ("holds", "proves", "check")) <= 1, table


def test_no_entry_is_without_a_thing_that_it_is_about() -> None:
    fields = {(family, path[-1].name) for family, path in in_families()}
    fields |= {("any", name) for _, name in fields}
    for path in (CONTENT / FIELDS).glob("*.toml"):
        family = path.name.partition(".")[0]
        for key in read(f"{FIELDS}/{path.name}"):
            assert (family, key.rpartition(".")[2]) in fields, (family, key)
    assert set(read("deeper/errors.toml")) <= set(ALL_CODES)
    assert set(read("deeper/decisions.toml")) <= decisions_in_the_source()


def test_every_fact_and_condition_of_a_rule_exists() -> None:
    for path in (CONTENT / FIELDS).glob("*.toml"):
        family = path.name.partition(".")[0]
        for entry in read(f"{FIELDS}/{path.name}").values():
            for table in tables(entry):
                asked = [*FACT.findall(table.get("shown", "")), *(set(table) - KEYS)]
                asked += [*table.get("holds", ()), *table.get("proves", ())]
                for fact in asked:
                    assert is_known(fact, FIELD_FACTS | {"lower"}, family), (family, fact)


def test_only_what_is_broken_is_called_broken() -> None:
    told: Counter[bool | None] = Counter()
    wrong, tried = set(), set()
    for (family, path), (_, _, octets) in zip(in_families(), in_vectors(), strict=True):
        field = path[-1]
        this = (id(path[0]), family, field.name, field.value, field.error)
        if this in tried:
            continue
        tried.add(this)
        found = field_rule(family, path, octets)
        told[found.kept] += 1
        assert found.kept is None or found.shown, field.name
        if found.kept is False and not any(each.error for each in path[0].walk()):
            wrong.add((family, field.name))
    # A hello, a ping and a certificate that were made by hand to be so.
    made = {
        ("tls_handshake", "client_shares"),
        ("http2", "opaque_data"),
        ("x509", "signature_algorithm"),
    }
    assert wrong <= made
    assert told[True] > 500
    assert told[False] > 40
