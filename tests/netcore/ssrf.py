"""The rows of ssrf.json: hostile targets, each with the verdict that the guard must give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

SELF_HOST: Final = "wiretale.example.org"
SELF_PUBLIC_IPV4: Final = "93.184.216.99"

_CASES: Final = json.loads((Path(__file__).parents[1] / "data" / "ssrf.json").read_text("utf-8"))


def rows(kind: str) -> list[dict[str, Any]]:
    """The rows of one table: "url_cases", "address_cases", "dns_cases", "hop_cases"."""
    found: list[dict[str, Any]] = _CASES[kind]
    return found


def filled(template: str) -> str:
    """The text with our own name and address where the row has a place for them."""
    return template.replace("{SELF_HOST}", SELF_HOST).replace(
        "{SELF_PUBLIC_IPV4}", SELF_PUBLIC_IPV4
    )
