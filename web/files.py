"""Files: a trace is taken away in several forms, and brought along in its own."""

from __future__ import annotations

from contextlib import closing
from typing import Final

from flask import Blueprint, Response, abort, redirect, request, session
from flask.typing import ResponseReturnValue

from netcore.trace import BadTrace
from web.admission import FILE_OCTETS, too_large
from web.exports import EXPORTS, file_name
from web.form import Form
from web.pages import RECENT, attachment, find_tale, home_page, tracing
from web.sharing.bringing import read_brought
from web.spoken import gettext as _
from web.store import TraceTooLarge

KEY_LOG_OCTETS: Final = 1 << 20
FORM_OCTETS: Final = (
    FILE_OCTETS + KEY_LOG_OCTETS + 65_536
)  # what a form needs around a file of the greatest size

files = Blueprint("files", __name__)


@files.get(f"/t/<trace_id>.<any({', '.join(repr(e.suffix) for e in EXPORTS)}):suffix>")
def export(trace_id: str, suffix: str) -> Response:
    """A trace as a file. A running one only in its own form, as far as it has come."""
    kind = next(each for each in EXPORTS if each.suffix == suffix)
    tale, standing = find_tale(trace_id)
    if standing.live and not kind.while_running:
        abort(409, _("This fetch still runs. Ask for the file again when it has ended."))
    return attachment(kind.write(tale.trace), kind.mimetype, file_name(tale.trace, suffix))


@files.post("/import")
def bring() -> ResponseReturnValue:
    """Store the saved trace in the form and go to its page; with a reason if it is none."""
    request.max_content_length = FORM_OCTETS
    if (request.content_length or 0) > FORM_OCTETS:
        return _refuse(too_large(), 413)
    brought = request.files.get("trace")
    untrusted = b""
    if brought is not None:
        with closing(brought):  # a large one lies in a file of its own meanwhile
            untrusted = brought.read(FILE_OCTETS + 1)
    if not untrusted:
        return _refuse(_("Choose a file first: a saved trace, a capture of packets or a HAR."))
    try:
        trace_id = tracing().bring(read_brought(untrusted, _key_log()))
    except (BadTrace, TraceTooLarge) as refusal:
        return _refuse(str(refusal))
    session["traces"] = [trace_id, *session.get("traces", [])][:RECENT]
    return redirect(f"/t/{trace_id}", 303)


def _key_log() -> bytes:
    """The log of TLS keys beside a capture, b"" if there is none."""
    brought = request.files.get("keys")
    if brought is None:
        return b""
    with closing(brought):
        untrusted: bytes = brought.read(KEY_LOG_OCTETS)
    return untrusted


def _refuse(reason: str, status: int = 422) -> ResponseReturnValue:
    return home_page(Form(), import_error=reason), status
