"""Write docs/permissions.md from the code's own tables: ``python -m tools.permissions_page``. A test asks for it."""

from __future__ import annotations

from pathlib import Path

from coord.application import COMMANDS, QUESTIONS
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Relationship, Role
from coord.domain.permissions import PERMISSIONS, may_read_entry, may_read_goal

PAGE = Path(__file__).parents[1] / "docs" / "permissions.md"

INTRODUCTION = """\
# Who may do and read what

Made from the code by `python -m tools.permissions_page`; a test fails when it is out of date. Another test walks every
command and question for every role, relation, entry and state, through the doors, and compares with a table written
by hand (`tests/permissions/`).

What is not in these tables is denied. First of all comes whether a person may know that the child exists: they are on
its care team today (both the first and the last day count), or they lead the service team that looks after it. For
everybody else, administrators included, the child does not exist: the answer is the same as for a child that never was.

So with a course (a therapeutic group): it exists for those who run it and for the therapists, students and lead of its
service team. Who is in it is for its staff and that lead alone; and to run a group is not to be on a child's care team.
"""

READERS: tuple[tuple[str, Actor | None, Relationship], ...] = tuple(
    (name, Actor(COMMAND_LINE.person_id, "", role, discipline, "North"), relationship)
    for name, role, discipline, relationship in (
        ("therapist or student, same discipline", Role.THERAPIST, Discipline.OT, Relationship(Relation.COORDINATOR)),
        ("therapist or student, another", Role.THERAPIST, Discipline.SLT, Relationship(Relation.COORDINATOR)),
        ("teacher", Role.TEACHER, Discipline.SCHOOL, Relationship(Relation.CLASS_TEACHER)),
        ("team lead", Role.TEAM_LEAD, None, Relationship(None, same_service_team=True)),
        ("team lead of another team, on the care team", Role.TEAM_LEAD, None, Relationship(Relation.COORDINATOR)),
        ("not on the team, administrator", Role.ADMINISTRATOR, None, Relationship()),
    )
)
AUDIENCES = ("care-team", "own-discipline", "care-team-and-school", "care-team-and-family")
STATUSES = ("signed", "cosigned", "awaiting-cosignature", "entered-in-error")


def sentence(text: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((text or "").split("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")


def doors_table(kinds: list[type], heading: str) -> list[str]:
    """One line a command or question."""
    lines = [f"## {heading}", "", "| name | what | who | about |", "|---|---|---|---|"]
    for name in PERMISSIONS:
        for kind in kinds:
            if kind.__name__ == name:
                rule = PERMISSIONS[name]
                about = "a child" if rule.about_a_child else "a course" if rule.about_a_course else ""
                lines.append(f"| `{name}` | {sentence(kind.__doc__)} | {sentence(rule.who.__doc__)} | {about} |")
    return [*lines, ""]


def entries_table() -> list[str]:
    """Who reads which entries, worked out by the rule itself for a note by an occupational therapist."""
    lines = [
        "## Who reads an entry",
        "",
        "One's own entries, always. For others' entries, by audience and state:",
        "",
        f"| audience | state | {' | '.join(name for name, _, _ in READERS)} |",
        "|---|---|" + "---|" * len(READERS),
    ]
    for audience in AUDIENCES:
        for status in STATUSES:
            cells = [
                "reads"
                if actor
                and may_read_entry(
                    actor, child, author="somebody else", audience=audience, discipline="ot", status=status
                )
                else "–"
                for _, actor, child in READERS
            ]
            lines.append(f"| {audience} | {status} | {' | '.join(cells)} |")
    return [
        *lines,
        "",
        "Entries that were entered in error are hidden from the timeline for everybody, and open one by one to those",
        "who read them above. What was taken from a reader is gone for them also when they ask for the record of an",
        "earlier day. Of others' notes teachers get the texts that stood while the school could read them, with",
        "why those were corrected; and what was added, but not by a student unless it was co-signed with the note.",
        "Drafts are their author's alone.",
        "",
        "Beyond the door, some things are asked of the entry: corrections are its author's; marking an error its",
        "author's and the team lead's; the audience is its author's to change, and the team lead's to narrow; a",
        "co-signature is given by a therapist of the same discipline, never to one's own note.",
        "",
    ]


def goals_table() -> list[str]:
    """Who reads which goals, worked out by the rule itself for a goal by an occupational therapist."""
    lines = [
        "## Who reads a goal",
        "",
        "As an entry, by its audience; and the school only what somebody has agreed to:",
        "",
        f"| audience | state | {' | '.join(name for name, _, _ in READERS)} |",
        "|---|---|" + "---|" * len(READERS),
    ]
    for audience in AUDIENCES:
        for words, status, agreed in (
            ("proposed, or given up before anybody agreed", "proposed", False),
            ("agreed, worked on, or ended", "active", True),
            ("entered in error", "entered-in-error", True),
        ):
            cells = [
                "reads"
                if actor
                and may_read_goal(
                    actor,
                    child,
                    author="somebody else",
                    audience=audience,
                    discipline="ot",
                    status=status,
                    agreed=agreed,
                )
                else "–"
                for _, actor, child in READERS
            ]
            lines.append(f"| {audience} | {words} | {' | '.join(cells)} |")
    return [
        *lines,
        "",
        "Of a goal that they read, teachers get the wording as it stands, the child's view, the levels, and what was",
        "seen at school; never earlier wordings, the baseline, weights, reasons, who agreed, scores, what was seen",
        "elsewhere, nor what a student saw, for nobody attested it. An observation that was entered in error is for",
        "who wrote it and the team lead. Measures and scores are for therapists, students and team leads; a kept score",
        "that rests on a goal which a reader may not read is withheld from them. A strategy is for those who are to",
        "use it: at school for the school too, at home for the family; what came of it is for all who read it.",
        "",
        "A goal is marked an error by its author and the team lead, an observation and a measure by who wrote it and",
        "the team lead.",
        "",
    ]


def page() -> str:
    """The whole page."""
    parts = [
        INTRODUCTION,
        *doors_table(list(COMMANDS), "Commands"),
        *doors_table(list(QUESTIONS), "Questions"),
        *entries_table(),
        *goals_table(),
    ]
    return "\n".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
