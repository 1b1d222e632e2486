"""One search for everything."""

from __future__ import annotations

from coord.application.find.questions import Find, FindAnswer, Group
from coord.domain.input import SHORT
from coord.web.api.fields import Strict, Words, choice
from coord.web.api.operations import ApiBlueprint
from coord.web.api.routes import reads

blueprint = ApiBlueprint("find", "One search for children, colleagues, activities, and words in the records.")


class FindQuery(Strict):
    """What to look for."""

    text = Words(
        most=SHORT, data_key="q", metadata={"description": "Words that all have to be there", "maxLength": SHORT}
    )
    group = choice(Group, about="One group alone; the others are not looked through")


reads(
    blueprint,
    "/find",
    Find,
    FindAnswer,
    query=FindQuery,
    about="""Find a child, a colleague, an activity, or words

    In the records it finds what a search of each child's timeline would find, among the newest entries: at most 20,000
    of all your children, and 1,000 of each (`newest_only`). Each child that is named leaves a look. Nothing is found
    without words.
    """,
)
