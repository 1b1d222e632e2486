"""How a complaint file is made: beside the pages, part by part, so that no more than a part of it is ever in memory."""

from __future__ import annotations

import json
import logging
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _

from coord.application.complaint_file.questions import Chapter, ChapterAnswer, Held, ReadForComplaintFile
from coord.application.people.handlers import actor_of
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.domain.errors import DomainError, NotFound, NotPermitted, Unavailable
from coord.office.complaint_files import DATA, HELD, PDF, SIZE_OF_A_PIECE, ComplaintFile, ComplaintFiles, Stopped
from coord.web.complaint_file.held import packed
from coord.web.complaint_file.ordering import extent_of
from coord.web.complaint_file.parts import Front, Paper
from coord.web.complaint_file.words import Block, blocks
from coord.web.history.words import who
from coord.web.labels import label
from coord.web.spelling import LOCALES, format_datetime

log = logging.getLogger(__name__)
TRIES = 5
"""So often a store that does not answer is asked again, a little later each time."""


class Incomplete(Exception):
    """A view has stopped: what it shows is not the record as it was known."""


def make_next(app: Flask, services: Services) -> bool:
    """Make the file that has waited longest, and say how it went in its row; False if there is none.

    Whatever happens to a file, the next can be made. Raises what ends the process (`SystemExit`,
    `KeyboardInterrupt`), and then the file waits again.
    """
    files = ComplaintFiles(services.office)
    files.sweep(services.clock())
    file = files.take(services.clock())
    if file is None:
        return False
    if file.status != "making":
        return True
    try:
        with app.test_request_context(), force_locale(str(LOCALES[file.language])):
            _Making(services, files, file).run()
    except Stopped:
        log.info("complaint file %s: no longer wanted", file.id)
    except (NotPermitted, NotFound):
        files.fail(file, "not-permitted", services.clock())
    except Incomplete:
        files.fail(file, "incomplete", services.clock())
    except DomainError as refused:
        log.error("complaint file %s: %s", file.id, refused.code)
        files.fail(file, refused.code[:40], services.clock())
    except Exception as error:  # the message may quote what somebody wrote
        log.error("complaint file %s could not be made: %s", file.id, type(error).__name__)
        files.fail(file, "fault", services.clock())
    except BaseException:
        files.give_back(file)
        raise
    return True


class _Pieces:
    """A file in the office, as something that can be written to."""

    def __init__(self, making: _Making, form: str) -> None:
        self._making, self._form = making, form
        self._waiting = bytearray()
        self._number = 0
        self.size = 0

    def write(self, said: bytes) -> int:
        self._waiting += said
        self.size += len(said)
        while len(self._waiting) >= SIZE_OF_A_PIECE:
            self._keep(SIZE_OF_A_PIECE)
        return len(said)

    def flush(self) -> None:
        """Nothing waits for this."""

    def close(self) -> None:
        """What is left is kept too."""
        if self._waiting:
            self._keep(len(self._waiting))

    def _keep(self, size: int) -> None:
        making = self._making
        making.files.add(making.file, self._form, self._number, bytes(self._waiting[:size]), making.services.clock())
        del self._waiting[:size]
        self._number += 1


class _Making:
    """One file while it is made."""

    def __init__(self, services: Services, files: ComplaintFiles, file: ComplaintFile) -> None:
        self.services, self.files, self.file = services, files, file
        self._actor = self._who_asked()
        self._done = self._looks = 0
        self._holds: set[UUID] = set()

    def run(self) -> None:
        """Read each part once; it goes onto paper and into the data. Raises `Stopped`, `Incomplete` and what the
        doors raise."""
        file, clock = self.file, self.services.clock
        expected = 2 * self.services.record.case(file.case_id).version + self.services.access.count(file.case_id)
        self.files.beat(file, clock(), expected=max(1, expected))
        first = self._part(Chapter.CHILD, "")  # what is taken back from here on is found out when the file is taken
        front = self._front(first)
        pdf, data = _Pieces(self, PDF), _Pieces(self, DATA)
        paper = Paper(front, pdf.write, clock())
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(self._member("README.txt"), _readme(front))
            for chapter in Chapter:
                with archive.open(self._member(f"{chapter.value}.jsonl"), "w") as lines:
                    paper.chapter(label("complaint-file-chapter", chapter.value))
                    for answer in self._parts(chapter, first):
                        for block in blocks(chapter, answer):
                            paper.add(block)
                            lines.write(_line(block))
                        self._has_read(chapter, answer, paper)
                    paper.end_chapter()
        pages = paper.finish()
        pdf.close()
        data.close()
        self._keep_what_it_holds(first.shown.position)
        told = {"pages": pages, "looks": self._looks, "pdf_size": pdf.size, "data_size": data.size}
        self.files.finish(file, clock(), **told)

    def _keep_what_it_holds(self, position: int) -> None:
        discipline = self._actor.discipline
        holds, pieces = frozenset(self._holds), _Pieces(self, HELD)
        for part in packed(Held(position, discipline.value if discipline else None, holds)):
            pieces.write(part)
        pieces.close()

    def _who_asked(self) -> Actor:
        """As they are today, in the role in which they asked. Raises `NotPermitted` for somebody who may not come in
        any more, or has it no more."""
        person, role = self.services.record.person(self.file.person_id), self.file.role or ""
        if not person.active or (role and person.standing_as(role) is None):
            raise NotPermitted
        return replace(actor_of(person, role), channel="page", request_id=self.file.id.hex)

    def _parts(self, chapter: Chapter, first: ChapterAnswer) -> Iterator[ChapterAnswer]:
        answer = first if chapter is Chapter.CHILD else self._part(chapter, "")
        yield answer
        while answer.next:
            answer = self._part(chapter, answer.next)
            yield answer

    def _part(self, chapter: Chapter, cursor: str) -> ChapterAnswer:
        """Raises what the doors raise; a store that is away for a moment is asked again."""
        question = ReadForComplaintFile(self.file.case_id, extent_of(self.file), chapter, cursor)
        answer: ChapterAnswer = self._asked_again(question)
        if answer.shown.incomplete:
            raise Incomplete
        self._holds |= answer.holds
        return answer

    def _asked_again(self, question: ReadForComplaintFile) -> Any:
        for again in range(TRIES - 1):
            try:
                return self.services.doors.ask(self._actor, question)
            except Unavailable:
                time.sleep(2**again / 4)
        return self.services.doors.ask(self._actor, question)

    def _has_read(self, chapter: Chapter, answer: ChapterAnswer, paper: Paper) -> None:
        self._done += len(answer.rows)
        self._looks += len(answer.rows) if chapter is Chapter.LOOKS else 0
        self.files.beat(self.file, self.services.clock(), chapter=chapter.value, done=self._done, pages=paper.pages)

    def _front(self, answer: ChapterAnswer) -> Front:
        """The cover, and what stands at each foot: of whom, as known when, and at which position."""
        file, name, reader = self.file, answer.preferred_name, answer.reader
        known = {"day": _moment(file.at), "position": file.position}
        as_known = str(_("as known on %(day)s, position %(position)s", **known))
        mine = str(_("%(name)s, all that they may read", name=self._actor.name))
        eyes = f"{reader['name']} ({who(reader['role'], reader['discipline'])})"
        asked_by = f"{self._actor.name} ({who(self._actor.role.value, None)})"
        return Front(
            language=file.language,
            text_language=self.services.settings.language,
            title=str(_("Complaint file: %(name)s, %(known)s", name=name, known=as_known)),
            kind=str(_("Complaint file")),
            heading=name,
            facts=[
                (str(_("As known on")), str(_("%(day)s, position %(position)s of the record", **known)), False),
                (str(_("For the reader")), mine if file.reader is None else eyes, False),
                (str(_("Reason")), file.reason, True),
                (str(_("Asked for by")), asked_by, False),
                (str(_("Asked for on")), _moment(file.asked_at), False),
                (str(_("Clinic's time")), self.services.settings.zone.key, False),
            ],
            notes=[
                str(_("Confidential: a child's record. Keep it locked away, and destroy it when it has served.")),
                str(_("How to read this file stands on its last pages.")),
            ],
            footer=" · ".join([name, str(_("Complaint file")), as_known]),
        )

    def _member(self, name: str) -> zipfile.ZipInfo:
        at = self.file.asked_at.astimezone(self.services.settings.zone)
        info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
        info.compress_type = zipfile.ZIP_DEFLATED
        return info


def _moment(at: datetime) -> str:
    return str(format_datetime(at, "d MMMM y, HH:mm:ss"))


def _line(block: Block) -> bytes:
    """One thing as one line of JSON, with the words of the paper."""
    told: dict[str, Any] = {"what": block.title}
    if block.when is not None:
        told["when"] = block.when.isoformat()
    told["known"] = dict(block.facts)
    if block.texts:
        told["words"] = [{"of": name, "text": words} if name else {"text": words} for name, words in block.texts]
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def _readme(front: Front) -> bytes:
    """What the data are, and what their words mean."""
    facts = "\n".join(f"{name}: {words}" for name, words, _written in front.facts)
    said = _(
        "Each file is one part of the complaint file, one thing a line, as JSON (UTF-8), the newest first. “what” says "
        "what it is, “when” its time (UTC), “known” what is known of it, by the names that the pages use, and “words” "
        "what people wrote, each text with what it is of."
    )
    parts = "\n".join(f"{chapter.value}.jsonl: {label('complaint-file-chapter', chapter.value)}" for chapter in Chapter)
    return f"{front.title}\n\n{facts}\n\n{said}\n\n{parts}\n\n{front.notes[0]}\n".encode()
