"""Early: a page that takes long goes out in two pieces, its head before the rest is made.

A browser fetches the stylesheet, fonts and scripts that the head names, and shows the address and
the links, while a long trace is still being drawn. The status has been sent by then, so a fault of
ours behind it is told inside of the page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

from flask import Response, copy_current_request_context, current_app

from web.error_page import lost

_HEAD_ENDS: Final = "</header>"

log = logging.getLogger(__name__)


def early(template: str, **values: Any) -> Response:
    """The answer to a request, which renders a template that extends base.html.

    In: what the template is given; what of it takes long should be made when it is asked for.
    """
    current_app.update_template_context(values)
    # Flask's stream_template keeps its context pushed between two pieces, for whoever runs then.
    parts = current_app.jinja_env.get_template(template).generate(values)
    head = []
    for part in parts:  # a fault in here is told by a page of its own
        head.append(part)
        if _HEAD_ENDS in part:
            break

    @copy_current_request_context
    def rest() -> str:
        try:
            return "".join(parts)
        except Exception:
            log.exception("The page ends behind its head.")
            return lost()

    return Response(_pieces("".join(head), rest), mimetype="text/html")


def _pieces(head: str, rest: Callable[[], str]) -> Iterator[str]:
    yield head
    yield rest()
