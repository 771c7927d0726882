"""Vendored files are the ones that the lock file describes, and everything in static/ is used."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
LOCK = json.loads((ROOT / "vendor.lock.json").read_text())


def zipped(paths: list[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes())) for path in paths)


def test_vendored_files_have_the_hashes_of_the_lock_file() -> None:
    files = {path: entry for package in LOCK for path, entry in package["files"].items()}
    assert len(files) >= 8
    for path, entry in files.items():
        assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == entry["sha256"], path


def test_every_package_brings_its_licence() -> None:
    for package in LOCK:
        licences = [path for path in package["files"] if "LICENSE" in path]
        assert licences, package["name"]
        assert all("opyright" in (ROOT / path).read_text() for path in licences)
        assert package["name"] in (ROOT / "THIRD_PARTY.md").read_text()


def test_every_icon_that_a_page_names_is_there_and_none_is_there_in_vain() -> None:
    here = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "icons.svg").read_text()))
    text = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    signs = (ROOT / "templates" / "components" / "icon.html").read_text()
    named = set(re.findall(r"#([a-z-]+)\"/>", text)) | set(re.findall(r': "([a-z-]+)"', signs))
    assert named == here


def test_fonts_and_scripts_keep_their_budgets() -> None:
    fonts = [path.stat().st_size for path in STATIC.rglob("*.woff2")]
    assert sum(fonts) <= 105 * 1024
    assert zipped(sorted(STATIC.rglob("*.js"))) <= 60 * 1024


def test_styles_fetch_nothing_from_elsewhere() -> None:
    for path in STATIC.rglob("*.css"):
        for address in re.findall(r"url\(([^)]*)\)", path.read_text()):
            assert address.strip("\"'").startswith("../fonts/"), path
    for path in STATIC.rglob("*.js"):
        assert not re.search(r"https?://", path.read_text()), path


def test_one_file_alone_makes_markup_from_text() -> None:
    makers = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createHTML|srcdoc"
    found = {path.name for path in STATIC.rglob("*.js") if re.search(makers, path.read_text())}
    assert found == {"insert.js"}
