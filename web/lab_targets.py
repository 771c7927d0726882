"""The lab's targets as the page starts them: where they are, and what they want to be asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from lab.whole import Lab, LabTarget


def lab_hosts(lab: Lab | None) -> dict[str, str]:
    """The URL of each server of the lab by its host: nobody can guess its port."""
    servers = lab.servers.values() if lab is not None else ()
    return {server.host: server.url for server in servers}


def target_of(lab: Lab | None, name: str) -> LabTarget | None:
    """The lab's target of that name; None if there is none, or no lab."""
    targets = lab.targets if lab is not None and name else []
    return next((target for target in targets if target.name == name), None)


def asked_of(target: LabTarget) -> dict[str, Any]:
    """What a target wants to be asked, beyond what the form offers: members of `Options`."""
    return target.ask.options(target.url)


def is_of_lab(url: str) -> bool:
    """Whether a URL that was read already leads to a name of the lab."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host == "lab.test" or host.endswith(".lab.test")
