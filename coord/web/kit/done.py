"""What was just done, said once on the next page: it waits in the session, never in an address.

An address can be kept, sent and typed, and would go on saying that something was done that nobody did.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import session
from werkzeug.wrappers import Response

from coord.web.kit.sent import looked_at
from coord.web.visit import see_other


@dataclass(frozen=True, slots=True)
class Done:
    """What was just done in an area of the pages, as a code that its page puts into words, or in words."""

    area: str

    def say(self, what: str, *, whenever: bool = False) -> None:
        """Let the next page of the area say it; unless it was done while another page was open (`looked_at`), and that
        page does not know by itself whether it is about what was done (``whenever``)."""
        if whenever or looked_at():
            session[self._key] = what

    def then(self, what: str, place: str) -> Response:
        """On to a page of the area, which says it."""
        self.say(what)
        return see_other(place)

    def once(self) -> str | None:
        """What was just done; None if nothing was, and the next time."""
        said = session.pop(self._key, None)
        return said if isinstance(said, str) else None

    @property
    def _key(self) -> str:
        return f"{self.area}-done"
