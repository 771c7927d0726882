"""Bring in the fonts and icons that `vendor.lock.json` lists, and write THIRD_PARTY.md.

    python tools/vendor.py

Each package is fetched with `npm pack`, its archive compared with the integrity string in the
lock file, and the listed files are copied. Icons become one sprite. Nothing else is taken, and
nothing runs from a package. With `--relock` the hashes of the files are written anew, for a
version that was raised by hand; the integrity strings are never written by this program.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "vendor.lock.json"
THIRD_PARTY = ROOT / "THIRD_PARTY.md"

SPRITE_HEAD = '<svg xmlns="http://www.w3.org/2000/svg">\n'
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>\n'
)


class BadPackage(Exception):
    """A package is not the one that the lock file describes; the message says how it differs."""


def integrity(archive: bytes) -> str:
    """The integrity string of an archive, as npm writes it: sha512 in base64."""
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()


def fetch(name: str, version: str, expected: str, folder: Path) -> tarfile.TarFile:
    """Fetch one package into a folder and open it.

    Raises:
        BadPackage: npm is missing, or the archive has another integrity string.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise BadPackage("npm is not installed; it fetches the packages.")
    done = subprocess.run(  # noqa: S603 (name and version come from our own lock file)
        [npm, "pack", f"{name}@{version}", "--json", "--pack-destination", str(folder)],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    path = folder / json.loads(done.stdout)[0]["filename"]
    found = integrity(path.read_bytes())
    if found != expected:
        raise BadPackage(f"{name} {version} has the integrity {found}; expected {expected}.")
    return tarfile.open(path)


def read_member(archive: tarfile.TarFile, path: str) -> bytes:
    """The octets of one file of a package, named from the package's root."""
    member = archive.extractfile(f"package/{path}")
    if member is None:
        raise BadPackage(f"{path} is not a file.")
    return member.read()


def symbol(name: str, svg: str) -> str:
    """One icon as a `<symbol>`: its shapes, without the comment and the outer element."""
    inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if inner is None:
        raise BadPackage(f"The icon {name} is not an SVG drawing.")
    return SYMBOL.format(name=name, shapes=re.sub(r"\s*\n\s*", "", inner.group(1)))


def sprite(archive: tarfile.TarFile, names: list[str]) -> bytes:
    """All icons in one file, to be drawn with `<use href="icons.svg#name">`."""
    symbols = [symbol(name, read_member(archive, f"icons/{name}.svg").decode()) for name in names]
    return (SPRITE_HEAD + "".join(symbols) + "</svg>\n").encode()


def place(package: dict[str, Any], archive: tarfile.TarFile, relock: bool) -> None:
    """Write the files of one package and compare, or renew, their hashes."""
    for target, entry in package["files"].items():
        if "icons" in package and target.endswith(".svg"):
            octets = sprite(archive, package["icons"])
        else:
            octets = read_member(archive, entry["from"])
        found = hashlib.sha256(octets).hexdigest()
        if not relock and found != entry["sha256"]:
            raise BadPackage(f"{target} has the sha256 {found}; expected {entry['sha256']}.")
        entry["sha256"] = found
        path = ROOT / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)


def third_party(packages: list[dict[str, Any]]) -> str:
    """THIRD_PARTY.md: what was taken from whom, under which licence."""
    lines = [
        "# Third-party files",
        "",
        "Written by `tools/vendor.py` from `vendor.lock.json`. Python packages are listed in",
        "`docs/dependencies.md`; these files are served to the browser.",
        "",
        "| package | version | licence | used for | files |",
        "|---|---|---|---|---|",
    ]
    for package in packages:
        files = ", ".join(f"`{path}`" for path in package["files"])
        cells = (package["name"], package["version"], package["licence"], package["use"], files)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Fetch everything; the exit status is 1 if a package is not what the lock file says."""
    packages = json.loads(LOCK.read_text())
    relock = "--relock" in arguments
    try:
        for package in packages:
            with (
                tempfile.TemporaryDirectory() as folder,
                fetch(
                    package["name"], package["version"], package["npm_integrity"], Path(folder)
                ) as archive,
            ):
                place(package, archive, relock)
    except BadPackage as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if relock:
        LOCK.write_text(json.dumps(packages, indent=2) + "\n")
    THIRD_PARTY.write_text(third_party(packages))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
