"""The school summary: one calm page for the teacher."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coord.application.summary.commands import PublishSummary, RecallSummary
from coord.application.summary.questions import ReadSummary, ReadSummarySources, SummaryAnswer, SummarySourcesAnswer
from coord.domain.case import SummaryContent
from coord.web.api import answers, schemas
from coord.web.api.intake import version_to_replace
from coord.web.api.operations import PREFIX, ApiBlueprint, actor, operation, services
from coord.web.api.routes import reads, sends
from coord.web.summary import schemas as shapes

blueprint = ApiBlueprint("summary", "The school summary: published, versioned, recallable.")
SUMMARY = "/cases/<uuid:case>/summary"


reads(
    blueprint,
    SUMMARY,
    ReadSummary,
    SummaryAnswer,
    query=shapes.SummaryQuery,
    etag="version",
    about="""Read the school summary

    `out_of_date` says why it should not be relied on as it is: a source was corrected, ended, narrowed or withdrawn, or
    the review date has passed. Advice that was ended is not given to the school any more; for others its statement says
    since when (`withdrawn_at`). Without a `version` it is the one that the school reads today, by the clinic's
    calendar, or where there is none, for those who work with the child, the latest. One for a later day is `upcoming`,
    and not there for the school. That is why this is answered anew each time, whatever `If-None-Match` says.
    """,
)


@operation(
    blueprint,
    "POST",
    SUMMARY,
    body=shapes.NewSummary,
    answer=schemas.Receipt,
    status=201,
    if_match="required",
    example={
        "statements": {
            "strengths": [{"text": "Knows every train by its sound."}],
            "helps": [{"text": "One step at a time, shown once."}],
        },
        "contact": "Ada Lind, through the school office",
        "valid_from": "2026-03-10",
        "review_date": "2026-06-10",
    },
    located=True,
)
def publish_summary(case: UUID, body: dict[str, Any]) -> Response:
    """Publish a version of the school summary

    `If-Match` names the latest version, also one for a later day: `"0"` for the first. The new one stands in place of
    all before it from `valid_from` on; until that day the school reads what it reads now.
    """
    statements = {
        section: [(s["text"], s.get("sources", ())) for s in given] for section, given in body["statements"].items()
    }
    content = SummaryContent(statements, body["contact"], body["valid_from"], body["review_date"])
    command = PublishSummary(case, version_to_replace(), content, body.get("draft"), body.get("seen"))
    done = services().doors.execute(actor(), command)
    return answers.receipt(done, 201, location=f"{PREFIX}/cases/{case}/summary?version={done.version}")


sends(
    blueprint,
    "POST",
    f"{SUMMARY}/recall",
    RecallSummary,
    body=shapes.Recall,
    example={"reason": "It holds advice for another child"},
    about="""Take the published summary back

    Recalled before its day, a version leaves what the school reads as it is.
    """,
)


reads(
    blueprint,
    f"{SUMMARY}/sources",
    ReadSummarySources,
    SummarySourcesAnswer,
    query=shapes.SourcesQuery,
    about="""Read what one needs to write the next version

    The latest summary, your own draft of the next, and the signed notes that it may cite; the strategies offered for
    school, with what came of trying them, and the goals under way that the school may read.
    """,
)
