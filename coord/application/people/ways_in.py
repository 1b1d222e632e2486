"""How somebody comes to a password that nobody else knows: by a link, which goes in a mail or on a letter.

An invitation is for whoever has none yet; a reset for whoever has forgotten it, asked for by themselves or given by an
administrator. What is done is kept in the record first, and in the office then: what a crash leaves undone is seen
there, and done again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine

from coord.application.declared import Receipt
from coord.application.doors import Doors
from coord.application.people.commands import ChoosePassword, GivePassword, NoteAccountChange
from coord.application.people.handlers import PROPOSED
from coord.domain.actors import Actor
from coord.domain.errors import Conflict
from coord.domain.rising import Way
from coord.office import outbox
from coord.office.links import ASKED, INVITATION, MAIL, RESET, Link, Links
from coord.office.outbox import DROPPED, WAITING, Outbox

GIVEN, PASSWORD_CHANGED = "link-given", "password-changed"
"""Kinds of mail, beside an invitation and a reset that was asked for: one that an administrator gave, and what is told
when a password was chosen."""
NEW_BROWSER, CHANGED_BY_ONESELF = "new-browser", "password-changed-by-oneself"
"""Kinds of mail that tell somebody what was done under their name: if it was not they, they hear of it."""
WORTH = {
    INVITATION: timedelta(days=2),
    RESET: timedelta(minutes=55),
    GIVEN: timedelta(minutes=55),
    PASSWORD_CHANGED: timedelta(days=2),
    NEW_BROWSER: timedelta(days=2),
    CHANGED_BY_ONESELF: timedelta(days=2),
}
"""So long after it was written a mail is worth sending; before its link is over."""
NOBODY = UUID(int=1)


class Holder(Protocol):
    """Whose an account is, and how they are written to."""

    @property
    def person_id(self) -> UUID:
        """The person."""

    @property
    def email(self) -> str:
        """Their address."""

    @property
    def language(self) -> Any:
        """The language of their pages."""

    @property
    def password_changed_at(self) -> datetime | None:
        """Since when they have the password that they have, or had; None before the first one."""

    @property
    def fs_uniquifier(self) -> str:
        """The account's mark, another one after each change of password or address."""


class Accounts(Protocol):
    """What is needed of the office's accounts, which are Flask-Security's users too: no web comes behind the doors."""

    def by_email(self, email: str) -> Holder | None:
        """The account with this address."""

    def by_person(self, person_id: UUID) -> Holder | None:
        """The person's account."""

    def change_email(self, person_id: UUID, email: str) -> None:
        """Give the account another address. Raises `Conflict` (``email-taken``)."""

    def set_active(self, person_id: UUID, active: bool) -> None:
        """Tell the account what the record says."""

    def void_password(self, person_id: UUID) -> Any:
        """Let nobody sign in with the password that the account has; the account."""

    def hash_for(self, account: Any, password: str, *, name: str = "") -> str:
        """What is kept of a new password. Raises `InvalidInput` for a weak one, and `Unavailable`."""

    def set_chosen(
        self, connection: Connection, account: Any, password_hash: str, language: Any, *, now: datetime
    ) -> None:
        """Keep it. Raises `Conflict` (``link-over``) if the account has changed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open link, with whose it is in the office and in the record."""

    link: Link
    account: Holder
    actor: Actor


class WaysIn:
    """The ways to a password of one's own, in one service."""

    def __init__(self, doors: Doors, accounts: Accounts, office: Engine, keys: tuple[str, ...], *, mails: bool) -> None:
        """``keys`` are the service's secrets; ``mails`` says whether there is a server to send by."""
        self.links = Links(office, *keys)
        self.outbox = Outbox(office)
        self.mails = mails
        self._office = office
        self._doors, self._accounts = doors, accounts

    def way(self, wished: Way | None) -> Way:
        """How a link goes to the person: as wished, but never by mail where there is no server."""
        return Way.LETTER if not self.mails or wished is Way.LETTER else Way.MAIL

    def state(self, person_id: UUID) -> tuple[Link | None, outbox.Mail | None]:
        """The last link of a person, and the mail that carries it, if one does."""
        link = self.links.latest(person_id)
        return link, self.outbox.of_link(link.id) if link else None

    def give(
        self, actor: Actor, account: Holder, way: Way, end_everything: Callable[[UUID, str], None]
    ) -> Link | Receipt:
        """Give a person a link to choose a password by, or propose it where that takes two: then the receipt. The
        password that they had is void with it, and everything that was open under it.

        A mailed invitation takes one: it goes to the person's own address, and shows nobody else anything. On paper it
        is in the hands of who gives it, as a password would be.
        """
        first = account.password_changed_at is None
        if first and way is Way.MAIL:
            self._doors.execute(actor, NoteAccountChange(account.person_id, "invited"))
        else:
            receipt = self._doors.execute(actor, GivePassword(account.person_id, way))
            if receipt.status == PROPOSED:
                return receipt
        detail = {"person": str(account.person_id), "way": way.value}
        self._doors.note_look(actor, "invited" if first else "link-given", detail=detail)
        if not first:
            end_everything(account.person_id, "password-changed")
            account = self._accounts.void_password(account.person_id)
        return self.made(account, way)

    def tell(self, account: Holder, kind: str) -> None:
        """Mail somebody what was just done under their name; nothing where there is no server. Once it was done: it is
        told at the next sign-in too, and a mail that is not kept must not undo it."""
        if self.mails:
            with self._office.execution_options(write=True).begin() as connection:
                self._put(connection, kind, account, self._doors.clock())

    def made(self, account: Holder, way: Way) -> Link:
        """The link, and with it the mail; it is kept in the record already that it is given."""
        kind = INVITATION if account.password_changed_at is None else RESET
        now = self._doors.clock()

        def beside(connection: Connection, link: Link) -> None:
            if link.way == MAIL:
                self._put(connection, kind if kind == INVITATION else GIVEN, account, now, link)

        return self.links.make(kind, way.value, account.person_id, account.fs_uniquifier, now=now, beside=beside)

    def forgotten(
        self, email: str, load: Callable[[UUID], Actor | None], record: Callable[[UUID | None], None]
    ) -> None:
        """Mail a link to whoever has an active account with this address; ``record`` hears first whose that is. Earlier
        ones that were asked for are void, and none that an administrator gave: anybody can ask.

        The same is read and written where there is none: its row is nobody's, and its mail is never sent.
        """
        account = self._accounts.by_email(email)
        actor = load(account.person_id if account else NOBODY)
        now = self._doors.clock()
        known = account if actor is not None else None
        record(known.person_id if known else None)

        def beside(connection: Connection, link: Link) -> None:
            self._put(connection, RESET, known, now, link)

        whose, mark = (known.person_id, known.fs_uniquifier) if known else (NOBODY, "")
        self.links.make(ASKED, MAIL, whose, mark, now=now, beside=beside)

    def opened(self, secret: str, load: Callable[[UUID], Actor | None]) -> Opened:
        """What a link leads to. Raises `Conflict` (``link-over``) for one that leads nowhere (any more)."""
        link = self.links.found(secret, self._doors.clock())
        account = self._accounts.by_person(link.person_id) if link else None
        actor = load(link.person_id) if link else None
        if link is None or account is None or actor is None or account.fs_uniquifier != link.account:
            raise Conflict("link-over")
        return Opened(link, account, actor)

    def choose(self, opened: Opened, password: str, language: str, end_everything: Callable[[UUID], None]) -> None:
        """The password is the person's own from now on, and everything that was open under another one is over.

        Raises `InvalidInput` for a weak password, `Unavailable`, and `Conflict` (``link-over``) for whoever comes
        second with the same link.
        """
        account, actor = opened.account, opened.actor
        chosen = self._accounts.hash_for(account, password, name=actor.name)
        self._doors.note_look(actor, "password-chosen", detail={"person": str(actor.person_id)})
        self._doors.execute(actor, ChoosePassword())
        now = self._doors.clock()
        end_everything(actor.person_id)  # before: a crash leaves an old password, and nothing open under it

        def beside(connection: Connection, link: Link) -> None:
            self._accounts.set_chosen(connection, account, chosen, language, now=now)
            if self.mails and link.kind != INVITATION:
                self._put(connection, PASSWORD_CHANGED, account, now)

        self.links.use(opened.link, now, beside)

    def _put(
        self, connection: Connection, kind: str, account: Holder | None, now: datetime, link: Link | None = None
    ) -> None:
        """A mail to a person; or, where there is none, a row that costs the same and goes nowhere."""
        outbox.put(
            connection,
            kind,
            account.person_id if account else NOBODY,
            account.email if account else "",
            account.language if account else "en",
            now=now,
            worth_until=now + WORTH[kind],
            link_id=link.id if link else None,
            state=WAITING if account else DROPPED,
        )
