"""The page of limits and the list of licences."""

from __future__ import annotations

from flask.testing import FlaskClient

from netcore.options import Limits
from web.admission import FILE_OCTETS
from web.jobs import Jobs
from web.store import LIFETIME_S


def test_the_limits_that_are_told_are_those_that_hold(client: FlaskClient) -> None:
    page = client.get("/about/limits").text
    limits = Limits()
    workers, places, again_s = Jobs.__init__.__defaults__
    assert LIFETIME_S == 24 * 3_600  # "after a day"
    for sentence in (
        f"the first {limits.kept_octets >> 20} MiB are kept",
        f"at most {limits.trace_events:,} events",
        f"given up after {limits.total_s} seconds",
        f"{limits.dns_s} seconds for the name, {limits.connect_s} for the connection",
        f"{limits.tls_s} for the TLS handshake, {limits.first_byte_s} for the first byte",
        f"fewer than {limits.slow_octets_per_s:,} bytes a second for {limits.slow_window_s} sec",
        f"At most {limits.hops} redirects",
        f"At most {workers} fetches run at once and {places} wait",
        f"ask again in {again_s} seconds",
        f"may have {FILE_OCTETS >> 20} MiB",
    ):
        assert sentence in page, sentence


def test_the_files_of_others_are_listed_with_their_licences(client: FlaskClient) -> None:
    answer = client.get("/third-party")
    assert answer.mimetype == "text/plain"
    assert "OFL-1.1" in answer.text
    about = client.get("/about").text
    assert 'href="/third-party"' in about
    assert 'href="/about/limits"' in about
