"""Early: a page that takes long goes out in two pieces, its head before the rest is made.

A browser fetches the stylesheet, fonts and scripts that the head names, and shows the address and
the links, while a long trace is still being drawn. The status has been sent by then, so a fault of
ours behind it is told inside of the page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final

from flask import Response, stream_template, stream_with_context

from web.error_page import lost

_HEAD_ENDS: Final = "</header>"

log = logging.getLogger(__name__)


def early(template: str, **values: object) -> Response:
    """The answer to a request, which renders a template that extends base.html.

    In: what the template is given; what of it takes long should be made when it is asked for.
    """
    parts = stream_template(template, **values)
    head = []
    for part in parts:  # a fault in here is told by a page of its own
        head.append(part)
        if _HEAD_ENDS in part:
            break
    return Response(stream_with_context(_pieces("".join(head), parts)), mimetype="text/html")


def _pieces(head: str, parts: Iterator[str]) -> Iterator[str]:
    yield head
    try:
        body = "".join(parts)
    except Exception:
        log.exception("The page ends behind its head.")
        body = lost()
    yield body
