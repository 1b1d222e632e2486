"""Phrases: kept in the office, one person's each; read by who works with that person, if they are shared."""

from __future__ import annotations

from uuid import UUID

from coord.application.declared import Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.phrases.commands import ImportPhrases, KeepPhrase, RemovePhrase
from coord.application.phrases.questions import ColleaguesPhrase, OwnPhrase, PhrasesAnswer, ReadPhrases
from coord.domain.errors import FieldProblem, InvalidInput, NotFound
from coord.domain.input import Input
from coord.domain.phrases import MOST_PHRASES, as_name, checked, checked_rows
from coord.office.phrases import Phrase
from coord.projections import Caseload, People


@answers(KeepPhrase)
def keep_phrase(work: Work, command: KeepPhrase) -> Receipt:
    """Keep one, new or changed."""
    check = Input()
    words = checked(check, command.name, command.text, command.shared)
    check.refuse_if_any()
    person, before = work.actor.person_id, as_name(command.before)
    own = {phrase.name for phrase in work.phrases.of(person)}
    if len(own - {before} | {words["name"]}) > max(MOST_PHRASES, len(own)):
        raise InvalidInput([FieldProblem("/name", "too-many", {"limit": MOST_PHRASES})])
    expected = command.expected_version
    revision = work.phrases.keep(person, words, before=before, expected=expected, now=work.now)
    return Receipt(person, revision, work.record.head(), "kept", detail={"name": words["name"]})


@answers(RemovePhrase)
def remove_phrase(work: Work, command: RemovePhrase) -> Receipt:
    """Throw one away."""
    if not work.phrases.remove(work.actor.person_id, as_name(command.name)):
        raise NotFound("no-such-phrase")
    return Receipt(work.actor.person_id, 0, work.record.head(), "removed")


@answers(ImportPhrases)
def import_phrases(work: Work, command: ImportPhrases) -> Receipt:
    """Take over what a file holds, all or none."""
    own = {phrase.name: phrase.text for phrase in work.phrases.of(work.actor.person_id)}
    rows = checked_rows(command.rows, own, replace=command.replace)
    work.phrases.keep_all(work.actor.person_id, rows, work.now)
    return Receipt(work.actor.person_id, 0, work.record.head(), "kept", detail={"phrases": len(rows)})


@answers(ReadPhrases)
def read_phrases(reading: Reading, _: ReadPhrases) -> PhrasesAnswer:
    """One's own, and those of colleagues."""
    names = _colleagues(reading)
    shared: list[ColleaguesPhrase] = [
        {"name": one.name, "text": one.text, "person_id": one.person_id, "person_name": names[one.person_id]}
        for one in reading.phrases.shared_by(names)
    ]
    own = [_own(one) for one in reading.phrases.of(reading.actor.person_id)]
    return PhrasesAnswer(own, shared, reading.shown)


def _own(one: Phrase) -> OwnPhrase:
    return {
        "name": one.name,
        "text": one.text,
        "shared": one.shared,
        "revision": one.revision,
        "updated_at": one.updated_at,
    }


def _colleagues(reading: Reading) -> dict[UUID, str]:
    """Whom one works with, by name: on a care team with them today, or in their service team. A teacher needs nobody's
    name beyond the care teams; who has no access any more is nobody's colleague."""
    connection, actor = reading.snapshot.connection, reading.actor
    beside = reading.snapshot.view(Caseload).beside(connection, actor.person_id, reading.today)
    team = actor.team if actor.sight.colleagues else ""
    found = reading.snapshot.view(People).active_among(connection, beside, team)
    return {person: name for person, name in found.items() if person != actor.person_id}
