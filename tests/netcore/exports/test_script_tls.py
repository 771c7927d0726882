"""How the connections of a script are secured."""

from __future__ import annotations

from netcore.exports.replay import Connected, Secured
from netcore.exports.script_tls import Contexts, random_values
from netcore.options import Options
from netcore.trace import Trace


def secured(host: str = "a.test", sni: str | None = None, **more: bool) -> Connected:
    name = host if sni is None else sni
    given = {"shows_certificate": False, "resumes": False, **more}
    return Connected(host, "192.0.2.1", 443, False, Secured(name, ("h2",), **given))


def contexts(**options: object) -> Contexts:
    return Contexts(Trace("https://a.test/", "", Options(**options), []))  # type: ignore[arg-type]


def test_settings_that_are_the_same_are_written_once() -> None:
    made = contexts()
    first, second = made.wrap(secured(), whole=False), made.wrap(secured("b.test"), whole=False)
    assert first.count("SSLContext") == 1
    assert (
        second
        == "conn = context.wrap_socket(conn, server_hostname='b.test')  # in SNI, RFC 6066 §3\n"
    )


def test_a_certificate_is_shown_to_the_first_host_alone() -> None:
    made = contexts(cert="c.pem", key="k'.pem")
    first = made.wrap(secured(shows_certificate=True), whole=False)
    second = made.wrap(secured("b.test"), whole=True)
    assert "context.load_cert_chain('c.pem', \"k'.pem\")" in first
    assert "load_cert_chain" not in second
    assert "conn = context_2.wrap_socket(" in second
    assert "suppress_ragged_eofs=False" in second


def test_a_session_goes_on_in_the_context_that_it_was_made_in() -> None:
    made = contexts()
    made.wrap(secured(), whole=False)
    again = made.wrap(secured(resumes=True), whole=False)
    assert again.startswith("conn = context.wrap_socket(conn, server_hostname='a.test', session=s")


def test_an_address_is_checked_and_not_sent() -> None:
    lines = contexts().wrap(secured("192.0.2.1", ""), whole=False)
    assert "server_hostname='192.0.2.1'" in lines
    assert "check_hostname = False" not in lines


def test_without_sni_the_name_is_checked_by_the_script() -> None:
    lines = contexts(sni="").wrap(secured(sni=""), whole=False)
    assert "server_hostname=None" in lines
    assert lines.endswith("check_name(conn, 'a.test')\n")
    assert "check_name(" not in contexts(sni="", verify=False).wrap(secured(sni=""), whole=False)


def test_old_versions_are_offered_at_the_level_that_they_need() -> None:
    made = contexts(tls_min="1.0", tls_max="1.1", verify=False)
    assert not made.is_obsolete, "nothing was secured yet"
    lines = made.wrap(secured(), whole=False)
    assert made.is_obsolete
    assert "@SECLEVEL=0" in lines
    assert "ssl.TLSVersion.TLSv1\n" in lines
    assert "ssl.CERT_NONE" in lines


def test_what_is_random_is_listed() -> None:
    about = random_values(Trace("https://a.test/", "", Options(), []))
    for part in ("the random", "session id", "key shares"):
        assert part in about
    assert "shares" not in random_values(Trace("", "", Options(tls_max="1.2"), []))
