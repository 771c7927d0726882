"""The one exception that a step of a fetch may end in.

A fetch never raises for what the network or the URL does. Inside, a step that cannot go on raises
FetchError, and the client turns it into the trace's Failed event with the stage that was running.
"""

from typing import Final

INTERRUPTED: Final = "fetch.interrupted"
"""The code of a fetch that somebody ended."""
BUG: Final = "fetch.bug"
"""The code of one that a fault of ours ended."""


class FetchError(Exception):
    """A step could not go on.

    In: `code`, the stable name of the failure ("tcp.refused"), and `message`, one sentence for
    the person who asked. The stage is not part of it: the caller knows which one was running.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Refused(FetchError):
    """The URL, a name or an address is one that we do not fetch. `code` starts with "guard."."""
