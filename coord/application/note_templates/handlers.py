"""Templates of notes: kept by the lead of a service team, read by who writes in it."""

from __future__ import annotations

from collections.abc import Sequence

from coord.application.carrying import carries_out, decide
from coord.application.declared import Command, Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.note_templates.commands import (
    ChangeNoteTemplate,
    DrawUpNoteTemplate,
    RestoreNoteTemplate,
    RetireNoteTemplate,
)
from coord.application.note_templates.questions import (
    NoteTemplate,
    NoteTemplateAnswer,
    NoteTemplateChange,
    NoteTemplatesAnswer,
    ReadNoteTemplate,
    ReadNoteTemplates,
)
from coord.application.rights import permitted
from coord.domain import note_template as domain
from coord.domain.actors import Relationship
from coord.domain.errors import NotFound
from coord.domain.note_template import TemplateText, TemplateUsed, WrittenIn
from coord.domain.permissions import clinician
from coord.projections import NoteTemplates

Changing = ChangeNoteTemplate | RetireNoteTemplate | RestoreNoteTemplate


@answers(DrawUpNoteTemplate)
def draw_up(work: Work, command: DrawUpNoteTemplate) -> Receipt:
    """One more template of the actor's service team."""
    make, content = domain.NoteTemplate.draw_up, command.content
    made = make(id=command.template_id, at=work.now, actor=work.actor, content=content, in_use=_in_use(work))
    return work.keep(Receipt(made.id, made.version, 0, made.status), made)


def _the_template(work: Work, command: Changing) -> tuple[domain.NoteTemplate]:
    template = work.record.note_template(command.template_id)
    if not template.is_for(work.actor.team):
        raise NotFound("no-such-template")
    return (template,)


def _saved(work: Work, _: Command, template: domain.NoteTemplate) -> Receipt:
    return Receipt(template.id, template.version, work.record.append(template), template.status)


carries_out(ChangeNoteTemplate, domain.NoteTemplate.change, _the_template, _saved)
carries_out(RetireNoteTemplate, domain.NoteTemplate.retire, _the_template, _saved)


@answers(RestoreNoteTemplate)
def restore(work: Work, command: RestoreNoteTemplate) -> Receipt:
    """It is offered again."""
    (template,) = _the_template(work, command)
    decide(work, domain.NoteTemplate.restore, command, template, in_use=_in_use(work))
    return _saved(work, command, template)


def _in_use(work: Work) -> int:
    """How many templates of the actor's service team are offered."""
    with work.views() as snapshot:
        return snapshot.view(NoteTemplates).in_use(snapshot.connection, work.actor.team)


def written_in(work: Work, used: TemplateUsed | None) -> WrittenIn | None:
    """What a note keeps of the version that its author names; None where there is none that is there for them."""
    if used is None:
        return None
    try:
        return work.record.note_template(used.id).written_in(used.version, team=work.actor.team)
    except NotFound:
        return None


def is_retired(work: Work, used: TemplateUsed) -> bool:
    """Whether a template is offered no longer."""
    return work.record.note_template(used.id).retired


# ---- read --------------------------------------------------------------------------------------------------------


def templates_for(reading: Reading) -> Sequence[NoteTemplate]:
    """Those that the actor writes in, as they stand; nothing for who writes in none."""
    if not clinician(reading.actor, Relationship()):
        return ()
    return reading.snapshot.view(NoteTemplates).of_team(reading.snapshot.connection, reading.actor.team)


@answers(ReadNoteTemplates)
def read_templates(reading: Reading, _: ReadNoteTemplates) -> NoteTemplatesAnswer:
    """All that are there for the actor, those out of use too."""
    may = permitted(("DrawUpNoteTemplate",) if reading.actor.team else (), reading.actor, Relationship())
    return NoteTemplatesAnswer(templates_for(reading), may, reading.shown)


def _for_other_teams(
    template: NoteTemplate, changes: Sequence[NoteTemplateChange]
) -> tuple[NoteTemplate, Sequence[NoteTemplateChange]]:
    """A template as who is of another service team has it: the versions that were for all, and what else happened to it
    while it was; it stands in the last of them, out of use if a later one is for its own team alone. Raises `NotFound`
    if it never was for all."""
    theirs: list[NoteTemplateChange] = []
    texts: list[TemplateText] = []
    for_all = False
    for change in reversed(changes):
        content = change["content"]
        for_all = content["all_teams"] if content else for_all
        if for_all:
            theirs.insert(0, change)
            texts += [content] if content else []
    if not theirs:
        raise NotFound("no-such-template")
    known = {section["key"]: section["label"] for text in texts for section in text["sections"]}
    template = {**template, **texts[-1], "called": known}
    if not for_all:
        template |= {"status": "retired", "version": theirs[0]["version"], "changed_at": theirs[0]["at"]}
        template["text_version"] = next(one["text_version"] for one in theirs if one["text_version"])
    return template, theirs


@answers(ReadNoteTemplate)
def read_template(reading: Reading, question: ReadNoteTemplate) -> NoteTemplateAnswer:
    """One of them. What is another team's does not exist for who is in none or in another: of a template that was for
    all once, its later versions do not."""
    view, connection = reading.snapshot.view(NoteTemplates), reading.snapshot.connection
    template: NoteTemplate | None = view.one(connection, question.template_id)
    changes: Sequence[NoteTemplateChange] = view.changes_of(connection, question.template_id)
    if template is None:
        raise NotFound("no-such-template")
    team = reading.actor.team
    if not team or template["team"] != team:
        template, changes = _for_other_teams(template, changes)
    possible = (
        ("RestoreNoteTemplate",) if template["status"] == "retired" else ("ChangeNoteTemplate", "RetireNoteTemplate")
    )
    may = permitted(possible if template["team"] == team else (), reading.actor, Relationship())
    reading.detail |= {"template": template["name"]}
    return NoteTemplateAnswer(template, changes, may, reading.shown)
