"""The timeline: every entry of a child's record, system-versioned, so that "as known at" is a lookup and no replay."""

from coord.projections.timeline.case import CaseInTimeline
from coord.projections.timeline.finding import FindingInTimeline
from coord.projections.timeline.goals import GoalsInTimeline
from coord.projections.timeline.groups import GroupsInTimeline
from coord.projections.timeline.notes import NotesInTimeline
from coord.projections.timeline.reading import NEWS_AT_MOST, PageEnd, Selection, with_readable_addenda
from coord.projections.timeline.standing import Standing, standing_of
from coord.projections.timeline.within import RatingsInSessions

__all__ = ["NEWS_AT_MOST", "PageEnd", "Selection", "Standing", "Timeline", "standing_of", "with_readable_addenda"]


class Timeline(
    CaseInTimeline, NotesInTimeline, GoalsInTimeline, GroupsInTimeline, RatingsInSessions, FindingInTimeline
):
    """One row for each state of each entry, valid from one position up to (not including) another."""

    NAME = "timeline"
