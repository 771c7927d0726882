"""Again: the page that shows how to have a fetch once more, with plain sockets and with curl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort
from flask import render_template as render
from markupsafe import Markup

from netcore.exports.curl_command import curl_command
from netcore.exports.python_script import python_script
from web.calls import SourceLine, marked_up
from web.exports import gives_away
from web.pages import find_tale
from web.spoken import gettext as _
from web.tale import Tale
from web.views import heading

SHOWN_LINES: Final = 600

again = Blueprint("again", __name__)


@dataclass(frozen=True)
class AgainView:
    """The command and the script of a finished trace."""

    base: str
    url: str
    heading: str
    command: str
    lines: tuple[SourceLine, ...]
    more: int  # lines that are not shown
    gives_away: str


@again.get("/t/<trace_id>/again")
def page(trace_id: str) -> str:
    """The page of a finished trace; a running one has not sent all of it yet."""
    tale, standing = find_tale(trace_id)
    if standing.live:
        abort(409, _("This fetch still runs. Come back when it has ended."))
    return render("pages/again.html", view=again_view(tale, f"/t/{trace_id}"))


def again_view(tale: Tale, base: str) -> AgainView:
    """The view. In: `base`, the path of the trace."""
    source = b"".join(python_script(tale.trace)).decode()
    rows = source.splitlines(keepends=True)
    lines = marked_up("".join(rows[:SHOWN_LINES]).rstrip("\n"))
    return AgainView(
        base=base,
        url=tale.trace.url,
        heading=heading(tale),
        command=b"".join(curl_command(tale.trace)).decode(),
        lines=tuple(
            # Pygments escapes what it marks up.
            SourceLine(number, Markup(line), False)  # noqa: S704
            for number, line in enumerate(lines[: len(rows)], start=1)
            if number < len(lines) or line
        ),
        more=max(0, len(rows) - SHOWN_LINES),
        gives_away=gives_away(tale.trace),
    )
