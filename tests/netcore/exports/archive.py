"""An HTTP archive read as any tool would, and held to everything that is true of every one."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft6Validator
from jsonschema.validators import validator_for
from referencing import Registry, Resource

from netcore.exports.har import har
from netcore.trace import Trace

SCHEMA: Final = Path(__file__).parents[2] / "data" / "har-schema"
PHASES: Final = ("blocked", "dns", "connect", "send", "wait", "receive")
_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.ASCII)


@cache
def _validator() -> Draft6Validator:
    files = {path.name: json.loads(path.read_text()) for path in SCHEMA.glob("*.json")}
    registry = Registry().with_resources(
        (name, Resource.from_contents(schema)) for name, schema in files.items()
    )
    assert validator_for(files["har.json"]) is Draft6Validator
    return Draft6Validator(
        files["har.json"], registry=registry, format_checker=Draft6Validator.FORMAT_CHECKER
    )


def errors(document: Any) -> list[str]:
    """What the schema of HAR 1.2 has to say against it."""
    return [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(document)]


def archive_of(trace: Trace) -> dict[str, Any]:
    """The `log` of a trace's archive, checked."""
    document = json.loads(har(trace))
    assert errors(document) == []
    log: dict[str, Any] = document["log"]
    for entry in log["entries"]:
        _check(entry)
    return log


def entries_of(trace: Trace) -> list[dict[str, Any]]:
    """The entries of a trace's archive, checked."""
    return list(archive_of(trace)["entries"])


def entry_of(trace: Trace) -> dict[str, Any]:
    """The only entry of a trace's archive, checked."""
    (entry,) = entries_of(trace)
    return entry


def octets_of(content: dict[str, Any], charset: str = "utf-8") -> bytes:
    """What the content of a response, as an archive has it, stands for."""
    text: str = content.get("text", "")
    return b64decode(text) if content.get("encoding") == "base64" else text.encode(charset)


def _check(entry: dict[str, Any]) -> None:
    timings = entry["timings"]
    assert entry["time"] == sum(timings[phase] for phase in PHASES if timings[phase] != -1)
    assert all(timings[phase] == -1 or timings[phase] >= 0 for phase in (*PHASES, "ssl"))
    assert timings["ssl"] <= max(timings["connect"], -1)
    assert _URI.fullmatch(entry["request"]["url"])
    assert "#" not in entry["request"]["url"]
    response = entry["response"]
    assert response["redirectURL"] == "" or _URI.fullmatch(response["redirectURL"])
    assert bool(response["status"]) or "_error" in response
    content = response["content"]
    if "charset" not in content["mimeType"] or "utf-8" in content["mimeType"].lower():
        assert content["size"] == len(octets_of(content))
