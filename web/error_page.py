"""Error page: what a visitor sees where a request led to nothing."""

from __future__ import annotations

from flask import current_app, render_template, request
from werkzeug.exceptions import HTTPException

from web.jobs import Busy
from web.security import BODY_LIMIT
from web.spoken import gettext as _


def error_page(error: HTTPException) -> tuple[str, int, dict[str, str]]:
    """An error in the house style, without anything from inside."""
    code = error.code or 500
    own = error.description if code in (403, 404, 409) else None
    text = _texts().get(code, _("The request ended with status %(code)s.", code=code))
    if own and own != type(error).description:
        text = own
    body = render_template(
        "pages/message.html",
        title=_titles().get(code, _("That did not work.")),
        text=text,
        base=_trace_of_request() if code in (404, 409) else "",
        url=_url_that_is_gone() if code == 404 else "",
    )
    headers = {
        name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")
    }
    return body, code, headers


def lost() -> str:
    """What stands below the head of a page whose rest could not be made: our fault."""
    template = current_app.jinja_env.get_template("pages/message.html")
    said = {"title": _titles()[500], "text": _texts()[500]}
    return "".join(template.blocks["main"](template.new_context(said)))


def busy_page(busy: Busy) -> tuple[str, int, dict[str, str]]:
    """What a visitor sees whose fetch found no place in the queue."""
    body = render_template("pages/message.html", title=_("No worker is free."), text=busy.said)
    return body, 503, {"Retry-After": str(busy.retry_after_s)}


def _trace_of_request() -> str:
    """The path of the trace that the address is of, "" if there is none of that name."""
    trace_id = (request.view_args or {}).get("trace_id", "")
    known = trace_id and current_app.extensions["tracing"].find(trace_id)
    return f"/t/{trace_id}" if known else ""


def _url_that_is_gone() -> str:
    """What the deleted trace was of that the address asks for, "" if that is not known."""
    trace_id = (request.view_args or {}).get("trace_id", "")
    return current_app.extensions["tracing"].store.gone(trace_id) or "" if trace_id else ""


def _texts() -> dict[int, str]:
    """What is said of each status, where nobody said more."""
    return {
        404: _("The address is wrong, or what was here has been deleted."),
        405: _("Open it from the start page."),
        413: _("A form may have %(most)s.", most=f"{BODY_LIMIT:,} bytes"),
        500: _("This is our fault. The log of the program says more."),
    }


def _titles() -> dict[int, str]:
    """What each status is called on a page."""
    return {
        403: _("We do not take that."),
        404: _("There is nothing here."),
        405: _("That address does not take this method."),
        409: _("Not yet."),
        413: _("That is too much at once."),
        500: _("We lost the thread."),
    }
