"""Small print: the limits of this program, and the licences of what it gives to browsers."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response
from flask import render_template as render

from web import words

THIRD_PARTY = Path(__file__).parent.parent / "THIRD_PARTY.md"

small_print = Blueprint("small_print", __name__)


@small_print.get("/about/limits")
def limits() -> str:
    """What a trace and a fetch may have at most, with the reasons."""
    return render("pages/about.html", page=words.page("limits"))


@small_print.get("/third-party")
def third_party() -> Response:
    """The files of others that are served here, with their licences: the file that lists them."""
    return Response(THIRD_PARTY.read_text("utf-8"), mimetype="text/plain")
