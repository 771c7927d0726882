"""The texts about QUIC connections keep to the rules, and none is without a use."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.content.rules import ALLOWED_WORDS, BANNED, FACT, PACKET, texts_of
from web.http3.settings import DEFAULTS
from web.http3.story import PARTS as HTTP3_PARTS
from web.quic.story import PARTS

ROOT = Path(__file__).parent.parent.parent
TABLE: dict[str, Any] = {
    name: entry
    for path in sorted((ROOT / "content" / "quic").glob("*.toml"))
    for name, entry in tomllib.loads(path.read_text("utf-8")).items()
}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_texts_keep_to_the_rules(name: str) -> None:
    banned = [pattern for pattern in BANNED if pattern != PACKET]  # of QUIC it is the word
    for text in texts_of(TABLE[name]):
        filled = FACT.sub("1", text)
        assert [pattern for pattern in banned if re.search(pattern, filled)] == []
        assert len(filled.split()) <= ALLOWED_WORDS


def test_every_entry_is_used_and_every_part_and_setting_has_one() -> None:
    folders = (ROOT / "web" / "quic", ROOT / "web" / "http3")
    files = (path for folder in folders for path in folder.glob("*.py"))
    source = "".join(path.read_text("utf-8") for path in files)
    named = {name for name in TABLE if f'"{name}"' in source}
    parts = {*PARTS, *(f"http3_{part}" for part in ("began", *HTTP3_PARTS))}
    settings = {f"http3_setting_{number}" for number in DEFAULTS}
    assert named | parts | settings == set(TABLE)
