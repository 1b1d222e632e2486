"""When, where and with whom something was observed: what a note says about its occasion, beside its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypedDict

from coord.domain.input import Input
from coord.domain.said import Said


class Setting(StrEnum):
    """Where it happened."""

    THERAPY_ROOM = "therapy-room"
    SCHOOL = "school"
    HOME = "home"
    COMMUNITY = "community"
    REMOTE = "remote"


class CircumstancesContent(TypedDict):
    """Circumstances as an event keeps what stood before: times as ISO text in UTC."""

    observed_from: str
    observed_to: str
    setting: str
    present: list[str]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """From when until when (UTC; the end may equal the start), in which setting, and who was present beside the child
    and the author."""

    observed_from: datetime
    observed_to: datetime
    setting: Annotated[str, Said(of=Setting)]
    present: tuple[str, ...]

    @classmethod
    def from_content(cls, content: Mapping[str, object]) -> Circumstances:
        """From what an event keeps of them."""
        present = content["present"]
        return cls(
            datetime.fromisoformat(str(content["observed_from"])),
            datetime.fromisoformat(str(content["observed_to"])),
            str(content["setting"]),
            tuple(str(who) for who in present) if isinstance(present, list) else (),
        )

    @property
    def content(self) -> CircumstancesContent:
        """As an event keeps them."""
        return {
            "observed_from": self.observed_from.isoformat(),
            "observed_to": self.observed_to.isoformat(),
            "setting": self.setting,
            "present": list(self.present),
        }


def checked_circumstances(
    check: Input,
    *,
    observed_from: datetime | None,
    observed_to: datetime | None,
    setting: str,
    present: Sequence[str],
    now: datetime,
    born: date | None = None,
) -> Circumstances | None:
    """The circumstances cleaned; an end that is left out is the start. None if ``check`` has heard of a problem.

    The times carry a zone, are not in the future and not before the child was ``born``; at most twenty people are
    named.
    """
    before = len(check.problems)
    start = check.moment("/observed_from", observed_from, now=now, born=born)
    end = start if observed_to is None else check.moment("/observed_to", observed_to, now=now, born=born)
    if start and end and end < start:
        check.problem("/observed_to", "before-the-start")
    check.choice("/setting", setting, [s.value for s in Setting])
    people: list[str] = []
    if len(present) > 20:
        check.problem("/present", "too-many", limit=20)
    else:
        people = [check.text(f"/present/{i}", who, limit=120, lines=False) for i, who in enumerate(present)]
    if start is None or end is None or len(check.problems) > before:
        return None
    return Circumstances(start, end, setting, tuple(people))
