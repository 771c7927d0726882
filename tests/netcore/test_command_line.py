"""What the options of the command line come to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netcore.command_line import options, read
from netcore.options import COMMAND_LINE_LIMITS, Options

URL = "http://a.example/"


def given(*arguments: str) -> Options:
    """What the fetch is told with these options."""
    return options(read([URL, *arguments]))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which these options are refused."""
    with pytest.raises(SystemExit) as caught:
        read([URL, *arguments])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("python -m netcore: ")
    assert len(err.splitlines()) == 1
    return err


def test_without_options_it_is_a_get_with_wide_limits() -> None:
    assert given() == Options(limits=COMMAND_LINE_LIMITS)


@pytest.mark.parametrize(
    ("arguments", "method"),
    [
        ([], "GET"),
        (["-d", "a"], "POST"),
        (["-I"], "HEAD"),
        (["-X", "PUT", "-d", "a"], "PUT"),
        (["-I", "-X", "OPTIONS"], "OPTIONS"),
    ],
)
def test_the_method_follows_from_the_options(arguments: list[str], method: str) -> None:
    assert given(*arguments).method == method


def test_options_that_are_short_for_a_field() -> None:
    fields = given("-A", "me/1", "-H", "X: 1", "-r", "0-9,20-", "-e", "http://b.example/").headers
    assert fields == (
        ("User-Agent", "me/1"),
        ("X", "1"),
        ("Range", "bytes=0-9,20-"),
        ("Referer", "http://b.example/"),
    )
    assert given("-A", "").headers == (("User-Agent:", ""),)  # leaves it out, as in curl


def test_data_is_joined_and_binary_data_keeps_its_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"a\r\nb\n")
    content = given("-d", f"@{path}", "--data-binary", f"@{path}", "-d", "c=d").body
    assert content == b"ab&a\r\nb\n&c=d"


@pytest.mark.parametrize("version", ["auto", "1.0", "1.1", "2", "h2c-upgrade", "3"])
def test_versions_of_http_that_are_spoken(version: str) -> None:
    assert given("--http", version).http == version


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ("1.2", "1.3")),
        (["--tls-min", "1.0"], ("1.0", "1.3")),
        (["--tls-min", "1.3"], ("1.3", "1.3")),
        (["--tls-max", "1.1"], ("1.1", "1.1")),
        (["--tls-max", "1.2"], ("1.2", "1.2")),
        (["--tls-min", "1.1", "--tls-max", "1.2"], ("1.1", "1.2")),
    ],
)
def test_versions_of_tls(arguments: list[str], expected: tuple[str, str]) -> None:
    told = given(*arguments)
    assert (told.tls_min, told.tls_max) == expected


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--tls-min", "1.3", "--tls-max", "1.2"], "--tls-min 1.3 is above --tls-max 1.2"),
        (["--tls-min", "1.4"], "--tls-min"),
        (["--tls-max", "1"], "--tls-max"),
        (["--http", "0.9"], "'0.9' is none of auto, 1.0, 1.1, 2, h2c-upgrade"),
        (["-o", "-", "--har", "-"], "--output and --har: standard output takes only one of them"),
        (["--json", "-", "--pcapng", "-", "--explain", "x"], "--json and --pcapng: "),
        (["-I", "-d", "a"], "-I"),
    ],
)
def test_what_does_not_go_together_is_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(capsys, *arguments)


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("other", ["file", "./sub/../file", "link", "{tmp}/file", "hard"])
def test_one_file_takes_one_output(
    other: str,
    there: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("link").symlink_to("file")
    if there or other == "hard":
        Path("file").touch()
        os.link("file", "hard")
    path = other.format(tmp=tmp_path)
    told = refused(capsys, "--json", "file", "--har", path)
    assert f"--json and --har: both would go to {path}, which takes one" in told
    assert "--output and --har: both" in refused(capsys, "-o", path, "--har", "file")


def test_different_files_and_the_one_that_keeps_nothing_take_any_number(tmp_path: Path) -> None:
    file = str(tmp_path / "a")
    read([URL, "-o", file, "--json", f"{file}2", "--har", "/dev/null", "--pcapng", "/dev/null"])


def test_standard_output_has_other_names_too(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read([URL, "-o", "-", "--har", "/dev/fd/1"])
    assert "--output and --har: both would go to /dev/fd/1" in capfd.readouterr().err


def test_help_says_when_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(["--help"])
    assert "not after wrong usage" in " ".join(capsys.readouterr().out.split())


def test_times_are_limits() -> None:
    limits = given("-m", "3", "--connect-timeout", "0.5").limits
    assert limits.total_s == 3
    assert (limits.dns_s, limits.connect_s, limits.tls_s, limits.quic_s) == (0.5, 0.5, 0.5, 0.5)


def test_several_urls_and_their_repetition_are_fetched_in_order() -> None:
    read_back = read([URL, "-L", "http://b.example/", "--repeat", "2"])
    assert read_back.url == URL
    assert options(read_back).further_urls == (URL, "http://b.example/", "http://b.example/")
    assert given().further_urls == ()


@pytest.mark.parametrize("count", ["0", "-1", "1.5", "x", "1001", "9" * 30])
def test_a_number_of_times_is_refused_that_is_none(
    capsys: pytest.CaptureFixture[str], count: str
) -> None:
    assert "is not a number from 1 to 1,000" in refused(capsys, f"--repeat={count}")
