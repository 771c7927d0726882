"""Object identifiers and their names (`oids.toml` names the document of each)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import MappingProxyType
from typing import Final

_TABLES: Final = tomllib.loads(Path(__file__).with_name("oids.toml").read_text("utf-8"))

SHORT_NAMES: Final = MappingProxyType[str, str](_TABLES.pop("attribute_short_names"))
"""Attribute type -> the short name that it has in a name written as text: 2.5.4.3 is CN."""

OIDS: Final = MappingProxyType[str, str](
    {oid: name for table in _TABLES.values() for oid, name in table.items()}
)
"""Identifier in dots and digits -> its name. No identifier has two."""
