"""Why a command or a question is refused.

Every refusal carries a stable ``code`` (kebab case). The words for people are composed from it where it is shown, in
the reader's language, so no sentence is written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one input.

    ``pointer`` names the input as a JSON pointer from the body's root (``/sections/plan``); ``code`` says what is
    wrong; ``params`` are the numbers and names that the message needs (for example ``{"limit": 20000}``).
    ``answer`` is what to send among the ``confirmed`` of the same command when it is meant as it is; it is empty for
    what is impossible.
    """

    pointer: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    answer: str = ""


class DomainError(Exception):
    """A refusal with a stable code; subclasses say of which kind."""

    def __init__(self, code: str, **params: object) -> None:
        """Keep the code and whatever the message for people needs."""
        super().__init__(code)
        self.code = code
        self.params = params


class InvalidInput(DomainError):
    """What was sent cannot be accepted as it is; ``problems`` says field by field why."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        """At least one problem is expected."""
        super().__init__("invalid-input")
        self.problems = tuple(problems)


class NotFound(DomainError):
    """There is no such thing, as far as this person may know. Others' children are never told apart from none."""

    def __init__(self, code: str = "not-found", **params: object) -> None:
        """Keep the code, ``not-found`` unless a closer one fits."""
        super().__init__(code, **params)


class NotPermitted(DomainError):
    """The person may know of the thing, yet not do this with it."""

    def __init__(self, code: str = "not-permitted", **params: object) -> None:
        """Keep the code, ``not-permitted`` unless a closer one fits."""
        super().__init__(code, **params)


class Conflict(DomainError):
    """The thing is not in a state in which this can be done (signed already, case closed, ...)."""


class Stale(DomainError):
    """The person decided on an older version than the present one.

    ``current_version`` is what stands now; ``changed`` names what has changed since.
    """

    def __init__(self, current_version: int, changed: Sequence[str] = ()) -> None:
        """Keep what the person needs in order to decide again."""
        super().__init__("stale", current_version=current_version)
        self.current_version = current_version
        self.changed = tuple(changed)


class Unavailable(DomainError):
    """A store does not answer, or the access could not be recorded: nothing was done and nothing is shown."""

    def __init__(self, code: str = "unavailable", **params: object) -> None:
        """Keep the code, ``unavailable`` unless a closer one fits."""
        super().__init__(code, **params)
