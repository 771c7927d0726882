"""What is missing is said, and decides the exit status only where everything has to be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import install_peers


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without rights, on a machine with openssl and a Chromium only."""
    (tmp_path / "openssl").write_text("")
    (tmp_path / "openssl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("WIRETALE_REQUIRE_PEERS", raising=False)
    monkeypatch.setattr(install_peers, "SBIN", "")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(install_peers, "playwright_runs", lambda: True)
    monkeypatch.setattr(install_peers, "find_with_playwright", lambda: tmp_path)


def test_the_packages_that_are_missing_are_named_with_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert install_peers.main() == 0
    said = capsys.readouterr().err
    assert (
        "sudo apt-get install apache2-bin caddy curl dnsmasq-base h2o haproxy bind9 "
        "nghttp2-server nginx tcpdump tshark\n" in said
    )
    assert "openssl" not in said
    assert "Chromium" not in said


def test_a_missing_chromium_and_driver_are_named_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install_peers, "playwright_runs", lambda: False)
    monkeypatch.setattr(install_peers, "find_with_playwright", lambda: None)
    assert install_peers.main() == 0
    said = capsys.readouterr().err
    assert "libatomic1, chromium-headless-shell" in said
    assert install_peers.HOW_TO_GET_ONE in said


def test_what_is_missing_is_a_failure_where_all_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WIRETALE_REQUIRE_PEERS", "1")
    assert install_peers.main() == 1
    monkeypatch.setattr(install_peers, "PACKAGES", {"openssl": "openssl"})
    assert install_peers.main() == 0


def test_no_service_is_started_while_packages_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(install_peers, "POLICY", policy)
    with install_peers.no_service_started():
        assert policy.read_text() == "#!/bin/sh\nexit 101\n"
    assert not policy.exists()
    policy.write_text("somebody's own")
    with install_peers.no_service_started():
        assert policy.read_text() == "somebody's own"
    assert policy.read_text() == "somebody's own"
