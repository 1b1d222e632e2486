"""What can be done with a school summary: commands, as data."""

from __future__ import annotations

from uuid import UUID

from coord.application.declared import CaseCommand, Reason, command
from coord.domain.case import SummaryContent
from coord.domain.permissions import (
    therapist_or_lead_of_the_child,
)


@command(therapist_or_lead_of_the_child, "Tried to publish a school summary")
class PublishSummary(CaseCommand):
    """Publish a version of the school summary. ``expected_version`` is the one that it replaces (0: the first).

    ``draft_id`` names the draft that it uses up, if there is one; ``seen`` is the place in the record at which its
    writer saw the entries that it rests on: one whose text was corrected since is refused. None asks for nothing.
    """

    expected_version: int
    content: SummaryContent
    draft_id: UUID | None = None
    seen: int | None = None


@command(therapist_or_lead_of_the_child, "Tried to recall a school summary")
class RecallSummary(CaseCommand):
    """Take the published summary back, saying why: the ``version``, by default the one that the school reads, or the
    one to come, where it never had one."""

    reason: Reason
    version: int | None = None
