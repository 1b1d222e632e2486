"""What all that happens to a session does to its course."""

from __future__ import annotations

from typing import Protocol

from coord.domain.course.aggregate import Course, Session


class OfASession(Protocol):
    """An event about one session of a course."""

    number: int
    """Which, from 1."""

    @property
    def originator_version(self) -> int:
        """Its place in the stream."""


def set_session(course: Course, event: OfASession, to: Session) -> None:
    """The session is this from the event on."""
    course.sessions = {**course.sessions, event.number: to}
    course.changed_in = course.now_changed(f"session/{event.number}", event.originator_version)
