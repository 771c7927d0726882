"""The texts about streams keep to the rules, and none is without a use."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from netcore.registries.http2 import ERROR_CODES
from tests.content.rules import ALLOWED_WORDS, BANNED, FACT, texts_of
from web.streams.settings import DEFAULTS

ROOT = Path(__file__).parent.parent.parent
TABLE: dict[str, Any] = {
    name: entry
    for path in sorted((ROOT / "content" / "streams").glob("*.toml"))
    for name, entry in tomllib.loads(path.read_text("utf-8")).items()
}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_texts_keep_to_the_rules(name: str) -> None:
    for text in texts_of(TABLE[name]):
        filled = FACT.sub("1", text)
        assert [pattern for pattern in BANNED if re.search(pattern, filled)] == []
        assert len(filled.split()) <= ALLOWED_WORDS


def test_every_entry_is_used_and_every_code_and_setting_has_one() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "web" / "streams").glob("*.py"))
    named = {name for name in TABLE if f'"{name}"' in source}
    codes = {f"error_{code}" for code in ERROR_CODES}
    settings = {f"setting_{number}" for number in DEFAULTS}
    assert named | codes | settings == set(TABLE)
