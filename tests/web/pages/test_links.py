"""Coming to a password of one's own by a mail or a letter, and asking for one: by a real mail server."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyotp
import pytest
from pypdf import PdfReader
from sqlalchemy import event, select
from structlog.testing import capture_logs

from coord.application.people.commands import DisablePerson
from coord.application.people.questions import ReadProposals
from coord.domain.actors import COMMAND_LINE
from coord.domain.errors import Unavailable
from coord.office.access import looks
from coord.office.calendars import CalendarFeeds, NoFeed
from coord.office.factors import Factors
from coord.office.links import LINKS, Links
from coord.office.outbox import MAILS
from coord.office.tokens import Tokens
from coord.web.people.mails import send_next
from tests.house import PASSWORD, Client, House, open_house
from tests.mailbox import SENDER, Mailbox, link_in, mailbox, words_of
from tests.web.pages.test_people import OWN, chooses, form, link_on, recorded, signs_in
from tests.web.pages.test_proposals import decide


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def mailing(data_folder: Path, box: Mailbox) -> Iterator[House]:
    """A house with a mail server."""
    with open_house(data_folder, mail=box.server) as house:
        yield house


def post_comes(house: House) -> None:
    """The worker sends what is due."""
    while send_next(house.app, house.services):
        pass


def rows(house: House, table: Any) -> list[Any]:
    with house.services.office.connect() as connection:
        return list(connection.execute(select(table)))


def asks(house: House, email: str) -> Any:
    return Client(house.app.test_client()).post("/forgotten", {"email": email})


def forgets(house: House, box: Mailbox, email: str) -> str:
    """The link that somebody is mailed who has forgotten their password."""
    before = len(box.arrived)
    assert asks(house, email).status_code == 200
    post_comes(house)
    assert len(box.arrived) == before + 1
    return link_in(box.arrived[-1][1])


def kinds(house: House) -> list[str]:
    with house.services.access._engine.connect() as connection:
        return list(connection.execute(select(looks.c.kind).order_by(looks.c.position)).scalars())


# ---- invited by mail ---------------------------------------------------------------------------------------------


def test_somebody_new_is_invited_by_mail_in_their_language_and_signs_in(data_folder: Path, database_url: str | None):
    with mailbox() as box, open_house(data_folder, database_url, mail=box.server) as house:
        admin = house.browser_of(house.admin)
        assert "By mail, to their address" in admin.get("/people/new").text
        answer = admin.post("/people/new", form(language="it", invite="mail"))
        page = answer.location
        assert "A mail with the link is on its way to their address." in admin.get(page).text
        assert "The mail is on its way." in admin.get(page).text
        post_comes(house)
        ((address, message),) = box.arrived
        assert address == "nia@example.org"
        assert str(message["From"]) == f"Coord <{SENDER}>"
        assert message["Subject"] == "Il tuo invito a Coord"
        assert "Nia Moss" in words_of(message)
        assert "North" in words_of(message)
        shown = admin.get(page).text
        assert "Invited by mail on" in shown
        assert "The mail is on its way." not in shown
        link = link_in(message)
        theirs = Client(house.app.test_client())
        opened = theirs.get(link)
        assert "Nia Moss" in opened.text
        assert 'lang="it"' in opened.text
        chosen = theirs.post(link, {"password": OWN, "again": OWN, "language": "en"})
        assert chosen.location == "/sign-in"
        assert "Your password is kept. Sign in with it." in theirs.get("/sign-in").text
        client, entered = signs_in(house, "nia@example.org", OWN)
        assert entered.status_code == 303
        assert 'lang="en"' in client.get("/").text
        person = UUID(page.rpartition("/")[2])
        assert recorded(house, "invited") == [(house.admin.person_id, str(person))]
        assert recorded(house, "password-chosen") == [(person, str(person))]
        post_comes(house)
        assert len(box.arrived) == 1, "whoever chooses the first password need not be told that it changed"


def test_who_takes_two_people_is_invited_when_the_second_has_confirmed(mailing: House, box: Mailbox):
    mailing.lead  # noqa: B018 - somebody who could be the second
    admin = mailing.browser_of(mailing.admin)
    page = admin.post("/people/new", form(role="team-lead", discipline="", invite="mail")).location
    assert "are invited by mail when a second person has confirmed it" in admin.get(page).text
    post_comes(mailing)
    assert (box.arrived, rows(mailing, LINKS)) == ([], [])
    lead = mailing.browser_of(mailing.lead)
    assert decide(lead, "Nia Moss").status_code == 303
    assert "The invitation is on its way to their address." in lead.get("/proposals").text
    post_comes(mailing)
    assert chooses(mailing, link_in(box.arrived[0][1])).status_code == 303
    assert signs_in(mailing, "nia@example.org", OWN)[1].status_code == 303


def test_a_letter_that_was_confirmed_and_not_made_is_over_when_a_mail_goes_instead(mailing: House, box: Mailbox):
    mailing.lead  # noqa: B018 - somebody who could be the second
    admin = mailing.browser_of(mailing.admin)
    page = admin.post("/people/new", form(role="team-lead", discipline="", invite="letter")).location
    assert decide(mailing.browser_of(mailing.lead), "Nia Moss").status_code == 303
    assert len(mailing.services.doors.ask(mailing.admin, ReadProposals()).items) == 1
    assert admin.post(f"{page}/password", {"way": "mail"}, form_on=page).status_code == 303
    assert mailing.services.doors.ask(mailing.admin, ReadProposals()).items == []
    post_comes(mailing)
    assert chooses(mailing, link_in(box.arrived[0][1])).status_code == 303
    mailing.clock.turn(days=3)
    admin = mailing.browser_of(mailing.admin)
    letter = admin.post(f"{page}/password", {"way": "letter"}, form_on=page)
    assert letter.status_code == 303, "it waits for a second person again"
    assert signs_in(mailing, "nia@example.org", OWN)[1].status_code == 303


def test_a_program_registers_and_the_invitation_goes_by_mail_unless_it_is_to_be_a_letter(mailing: House, box: Mailbox):
    token = _token(mailing)
    new = {"name": "Nia Moss", "email": "nia@example.org", "role": "therapist", "discipline": "ot", "team": "North"}
    mailing.ot  # noqa: B018 - there is a team North
    client = mailing.app.test_client()
    id = str(uuid4())
    for _time in range(2):  # sent again it is one person and one mail
        answer = client.post("/api/v1/people", json={**new, "id": id}, headers=token)
        assert answer.status_code == 201, answer.text
    answer = client.post("/api/v1/people", json={**new, "email": "noa@example.org", "invite": "letter"}, headers=token)
    assert answer.status_code == 201
    post_comes(mailing)
    assert [address for address, _ in box.arrived] == ["nia@example.org"]
    assert chooses(mailing, link_in(box.arrived[0][1])).status_code == 303


def _token(house: House) -> dict[str, str]:
    house.email(house.admin)
    until = house.clock.now + timedelta(days=1)
    token = Tokens(house.services.office).issue(house.admin.person_id, "x", until, now=house.clock.now)
    return {"Authorization": f"Bearer {token}"}


def test_the_invitation_is_mailed_again_and_the_earlier_link_is_void(mailing: House, box: Mailbox):
    admin = mailing.browser_of(mailing.admin)
    page = admin.post("/people/new", form(invite="mail")).location
    admin.post(f"{page}/password", {"way": "mail"}, form_on=page)
    post_comes(mailing)
    ((_, message),) = box.arrived  # the first one was not worth sending any more
    assert sorted(mail.state for mail in rows(mailing, MAILS)) == ["dropped", "sent"]
    assert chooses(mailing, link_in(message)).status_code == 303


def test_a_mail_server_that_refuses_is_told_on_the_persons_page(mailing: House, box: Mailbox):
    box.at_recipient["nia@example.org"] = "550 5.1.1 no such <b>user</b>"
    admin = mailing.browser_of(mailing.admin)
    page = admin.post("/people/new", form(invite="mail")).location
    post_comes(mailing)
    shown = admin.get(page).text
    assert "The mail server refused it: 550 5.1.1 no such &lt;b&gt;user&lt;/b&gt;" in shown


def test_a_mail_server_that_is_away_delays_and_loses_nothing(mailing: House, box: Mailbox):
    box.at_recipient["nia@example.org"] = "421 4.3.2 come back later"
    admin = mailing.browser_of(mailing.admin)
    page = admin.post("/people/new", form(invite="mail")).location
    post_comes(mailing)
    assert "The mail waits: the mail server does not take it yet (421 4.3.2 come back later)." in admin.get(page).text
    box.at_recipient.clear()
    post_comes(mailing)
    assert box.arrived == [], "not before its time"
    mailing.clock.turn(minutes=1)
    post_comes(mailing)
    assert len(box.arrived) == 1


# ---- given by an administrator -----------------------------------------------------------------------------------


def test_a_mailed_link_for_a_new_password_voids_the_old_one_and_takes_two_where_children_are_seen(
    mailing: House, box: Mailbox
):
    mailing.child, mailing.lead  # noqa: B018 - Ada sees a child
    email, page = mailing.email(mailing.ot), f"/people/{mailing.ot.person_id}"
    theirs, admin, lead = (mailing.browser_of(who) for who in (mailing.ot, mailing.admin, mailing.lead))
    admin.post(f"{page}/password", {"way": "mail"}, form_on=page)
    assert "Ada Lind is to be mailed a link for a new password, to their own address." in lead.get("/proposals").text
    post_comes(mailing)
    assert (theirs.get("/").status_code, box.arrived) == (200, [])
    decide(lead, "Ada Lind")
    letter = admin.post(f"{page}/password", {"way": "letter"}, form_on="/proposals")
    assert letter.status_code == 303, "a mail was confirmed, and nothing that somebody else has in hand"
    assert rows(mailing, LINKS) == []
    decide(lead, "Ada Lind", "decline")
    admin.post(f"{page}/password", {"way": "mail"}, form_on=page)
    decide(lead, "Ada Lind")
    assert "Mail the link" in admin.get("/proposals").text
    admin.post(f"{page}/password", {"way": "mail"}, form_on="/proposals")
    assert theirs.get("/").status_code == 303
    assert signs_in(mailing, email, PASSWORD)[1].status_code == 422
    post_comes(mailing)
    words = words_of(box.arrived[0][1])
    assert "The password that you had is void." in words
    assert "Zig" not in words
    assert chooses(mailing, link_in(box.arrived[0][1])).status_code == 303
    assert signs_in(mailing, email, OWN)[1].status_code == 303


def test_a_letter_is_an_accessible_file_in_the_persons_language(house: House):
    admin = house.browser_of(house.admin)
    answer = admin.post("/people/new", form(language="it"))
    secret = re.search(r'name="secret" value="([^"]+)"', answer.text)
    action = re.search(r'action="(/people/[^"]+/letter)"', answer.text)
    assert secret
    assert action
    house.clock.turn(minutes=6)  # by now what changes an account asks again
    file = admin.post(action[1], {"secret": secret[1]}, form_on="/account")
    assert file.content_type == "application/pdf"
    assert file.headers["Content-Disposition"] == "attachment; filename=letter.pdf"
    assert file.headers["Cache-Control"] == "no-store"
    pdf = PdfReader(io.BytesIO(file.data))
    catalog: Any = pdf.trailer["/Root"]
    assert catalog["/Lang"] == "it"
    assert catalog["/MarkInfo"]["/Marked"]
    text = " ".join(pdf.pages[0].extract_text().split())
    assert len(pdf.pages) == 1
    assert "Nia Moss" in text
    assert secret[1] in text.replace(" ", "").replace("\u200b", "")
    assert "17 marzo 2026, 10:00" in text
    other = f"/people/{house.ot.person_id}/letter"
    assert admin.post(other, {"secret": secret[1]}, form_on="/account").status_code == 404
    for wrong in ("", "x", secret[1][:-1]):
        assert admin.post(action[1], {"secret": wrong}, form_on="/account").status_code == 404
    theirs = house.browser_of(house.ot)
    assert theirs.post(action[1], {"secret": secret[1]}, form_on="/account").status_code == 403


# ---- the link ----------------------------------------------------------------------------------------------------


def test_looking_at_a_link_changes_nothing(house: House):
    link = link_on(house.browser_of(house.admin).post("/people/new", form()))
    before = rows(house, LINKS)
    client = house.app.test_client()
    page = client.get(link)
    for _time in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert rows(house, LINKS) == before
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    for told in ("Nia Moss", "North", "nia@example.org"):
        assert told in page.text
    assert client.post(link, data={"password": OWN, "again": OWN}).status_code == 400, "no form, no password"
    assert chooses(house, link).status_code == 303


@pytest.mark.parametrize(
    ("password", "again", "field", "words"),
    [
        ("short", "short", "password", "Use at least 12 characters"),
        ("password1234", "password1234", "password", "Too easy to guess"),
        ("my name is nia moss", "my name is nia moss", "password", "Leave out your name"),
        (OWN, "another one", "again", "The two passwords are not the same"),
        ("", "", "password", "Use at least 12 characters"),
        ("x" * 2000, "x" * 2000, "password", "Use at most 128 characters"),
    ],
)
def test_what_cannot_be_a_password_is_said_at_its_field(
    house: House, password: str, again: str, field: str, words: str
):
    link = link_on(house.browser_of(house.admin).post("/people/new", form()))
    client = Client(house.app.test_client())
    answer = client.post(link, {"password": password, "again": again, "language": "it"})
    assert answer.status_code == 422
    assert f'href="#{field}">' in answer.text
    assert words in answer.text
    assert "Error:" in answer.text
    assert re.search(r'value="it"[^>]*checked', answer.text), "what was chosen is still there"
    assert password == "" or f'value="{password}"' not in answer.text
    assert chooses(house, link).status_code == 303


@pytest.mark.parametrize("how", ["another address", "no access", "seven days", "another password"])
def test_a_link_is_good_for_the_account_as_it_was(house: House, how: str):
    admin, sent = house.browser_of(house.admin), form()
    link, person = link_on(admin.post("/people/new", sent)), UUID(sent["person_id"])
    page = f"/people/{person}"
    if how == "another address":
        admin.post(f"{page}/email", {"email": "nia.moss@example.org"}, form_on=page)
    elif how == "no access":
        admin.post(f"{page}/disable", {"reason": "by mistake"}, form_on=page)
        admin.post(f"{page}/enable", {"reason": "it was one"}, form_on=page)
    elif how == "seven days":
        house.clock.turn(days=7)
    else:
        house.accounts.set_password(person, "six quiet owls fly", now=house.clock.now)
    over = chooses(house, link)
    assert over.status_code == 410
    assert "This link is not good any more" in over.text


def test_what_is_no_link_leads_nowhere_and_is_held_back_after_a_while(house: House):
    client = house.app.test_client()
    pages = [client.get(f"/link/{uuid4().hex[:30]}") for _ in range(31)]
    assert [page.status_code for page in pages] == [410] * 30 + [429]
    assert pages[-1].headers["Retry-After"]
    link = link_on(house.browser_of(house.admin).post("/people/new", form()))
    assert chooses(house, link).status_code == 303, "whoever has one goes on"


def test_what_cannot_be_recorded_is_not_chosen(house: House, monkeypatch: pytest.MonkeyPatch):
    link = link_on(house.browser_of(house.admin).post("/people/new", form()))
    note = house.services.doors.note_look

    def refuses(actor: Any, kind: str, **more: Any) -> None:
        if kind == "password-chosen":
            raise Unavailable("access-not-recorded")
        note(actor, kind, **more)

    with monkeypatch.context() as broken:
        broken.setattr(house.services.doors, "note_look", refuses)
        failed = chooses(house, link)
        assert failed.status_code == 503
        assert failed.headers["Retry-After"]
        assert "Your password was not changed" in failed.text
    assert chooses(house, link).status_code == 303


def test_whoever_was_signed_in_on_a_shared_computer_is_not_any_more(house: House):
    link = link_on(house.browser_of(house.admin).post("/people/new", form()))
    shared = house.browser_of(house.ot)
    assert shared.post(link, {"password": OWN, "again": OWN}).location == "/sign-in"
    assert shared.get("/").location.startswith("/sign-in")
    assert "Ada Lind" not in shared.get("/sign-in").text


def test_the_link_is_in_no_log(house: House, caplog: pytest.LogCaptureFixture):
    link = link_on(house.browser_of(house.admin).post("/people/new", form()))
    with capture_logs() as lines:
        chooses(house, link)
    assert "/link/<secret>" in {line.get("route") for line in lines}
    assert link.rpartition("/")[2] not in f"{lines} {caplog.text}"


# ---- forgotten ---------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_chosen_anew_and_everything_before_is_over(data_folder: Path, database_url: str | None):
    with mailbox() as box, open_house(data_folder, database_url, mail=box.server) as house:
        email, theirs = house.email(house.ot), house.browser_of(house.ot)
        tokens = Tokens(house.services.office)
        tokens.issue(house.ot.person_id, "reports", house.clock.now + timedelta(days=9), now=house.clock.now)
        feeds = CalendarFeeds(house.services.office, *house.services.settings.secret_keys)
        address = feeds.issue(house.ot.person_id, "phone", now=house.clock.now)
        factors = Factors(house.services.office, *house.services.settings.secret_keys)
        app = pyotp.TOTP(factors.begin_codes(house.ot.person_id, house.clock.now))
        assert "Forgot your password?" in house.app.test_client().get("/sign-in").text
        link = forgets(house, box, f" {email.upper()} ")
        assert theirs.get("/").status_code == 200, "asking changes nothing"
        assert "If you did not ask for it" in words_of(box.arrived[0][1])
        assert chooses(house, link).status_code == 303
        assert theirs.get("/").status_code == 303
        assert tokens.of(house.ot.person_id)[0].revoked_at is not None
        with pytest.raises(NoFeed):
            feeds.verify(address)
        assert not factors.fits(house.ot.person_id, app.at(house.clock.now), house.clock.now)
        post_comes(house)
        address, told = box.arrived[-1]
        assert signs_in(house, email, PASSWORD)[1].status_code == 422
        assert signs_in(house, email, OWN)[1].location == "/", "nobody else did it"
        assert (address, told["Subject"]) == (email, "Your password for Coord was changed")
        assert "by a link that came in a mail or on a letter" in words_of(told), "it is told of a letter too"
        assert recorded(house, "password-chosen") == [(house.ot.person_id, str(house.ot.person_id))]


@pytest.mark.parametrize("way", ["letter", "mail"])
def test_asking_in_somebodys_name_voids_no_link_that_they_were_given(mailing: House, box: Mailbox, way: str):
    email, page = mailing.email(mailing.stranger), f"/people/{mailing.stranger.person_id}"
    given = mailing.browser_of(mailing.admin).post(f"{page}/password", {"way": way}, form_on=page)
    post_comes(mailing)
    link = link_on(given) if way == "letter" else link_in(box.arrived[0][1])
    first, second = forgets(mailing, box, email), forgets(mailing, box, email)
    assert chooses(mailing, first).status_code == 410, "of those that were asked for the last one counts"
    assert chooses(mailing, link).status_code == 303
    assert signs_in(mailing, email, OWN)[1].status_code == 303
    assert chooses(mailing, second).status_code == 410, "one was used"


def test_nobody_learns_who_has_an_account(mailing: House, box: Mailbox):
    gone = mailing.email(mailing.slt)
    mailing.services.doors.execute(COMMAND_LINE, DisablePerson(mailing.slt.person_id, "left"))
    answers, statements = [], []
    for email in (mailing.email(mailing.ot), "nobody@example.org", gone):
        heard: list[str] = []

        def hear(*given: Any, heard: list[str] = heard) -> None:
            heard.append(" ".join(given[2].split()[:3]))

        for engine in (mailing.services.office, mailing.services.access._engine):
            event.listen(engine, "before_cursor_execute", hear)
        answers.append(asks(mailing, email))
        for engine in (mailing.services.office, mailing.services.access._engine):
            event.remove(engine, "before_cursor_execute", hear)
        statements.append(heard)
    assert statements[0] == statements[1] == statements[2]
    assert {answer.status_code for answer in answers} == {200}
    texts = {re.sub(r'(value|content)="[^"]*"', "", answer.text) for answer in answers}
    assert len(texts) == 1
    assert "If somebody has an account with this address, a mail is on its way to it." in texts.pop()
    post_comes(mailing)
    assert [address for address, _ in box.arrived] == [mailing.emails[mailing.ot.person_id]]
    kept = " ".join(map(repr, rows(mailing, MAILS) + rows(mailing, LINKS)))
    assert "nobody@example.org" not in kept, "what is typed may be anything"
    assert gone not in kept


def test_asking_again_and_again_is_held_back_alike_and_keeps_nobody_from_signing_in(mailing: House, box: Mailbox):
    email = mailing.email(mailing.ot)
    for address in (email, "nobody@example.org"):
        assert [asks(mailing, address).status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert kinds(mailing).count("reset-throttled") == 4
    assert signs_in(mailing, email, PASSWORD)[1].status_code == 303
    post_comes(mailing)
    assert len(box.arrived) == 1, "those before it were void before they were sent"


def test_asking_for_many_keeps_nobody_at_the_same_address_from_signing_in(mailing: House):
    answers = [asks(mailing, f"nobody{n}@example.org").status_code for n in range(31)]
    assert answers == [200] * 30 + [429]
    assert signs_in(mailing, mailing.email(mailing.ot), PASSWORD)[1].status_code == 303


def test_without_a_mail_server_the_page_says_whom_to_ask(house: House):
    client = Client(house.app.test_client())
    page = client.get("/forgotten").text
    assert "Ask the person who looks after accounts in your service." in page
    assert 'name="email"' not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token
    sent = client.client.post("/forgotten", data={"csrf_token": token[1], "email": house.email(house.ot)})
    assert "Ask the person who looks after accounts" in sent.text
    assert rows(house, LINKS) == []


def test_no_address_is_said_at_its_field(mailing: House):
    answer = asks(mailing, "  ")
    assert answer.status_code == 422
    assert 'href="#email">Enter your email address' in answer.text


def test_where_the_link_leads_is_a_setting_whatever_the_request_says(mailing: House, box: Mailbox):
    email = mailing.email(mailing.ot)
    client = mailing.app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/forgotten").text)
    assert token
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"}
    client.post("/forgotten", data={"csrf_token": token[1], "email": email}, headers=forged)
    post_comes(mailing)
    for _, message in box.arrived:
        assert "evil" not in message.as_string()
        assert "http://localhost:8000/link/" in words_of(message)


# ---- the worker --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meanwhile", "why"), [("an hour", "too-late"), ("used", "link-over"), ("no access", "no-access")]
)
def test_what_is_not_worth_sending_any_more_is_dropped(mailing: House, box: Mailbox, meanwhile: str, why: str):
    email = mailing.email(mailing.slt)
    asks(mailing, email)
    if meanwhile == "an hour":
        mailing.clock.turn(minutes=56)
    elif meanwhile == "used":
        asks(mailing, email)
    else:
        mailing.services.doors.execute(COMMAND_LINE, DisablePerson(mailing.slt.person_id, "left"))
    post_comes(mailing)
    dropped = [mail.said for mail in rows(mailing, MAILS) if mail.state == "dropped"]
    assert dropped == [why]
    assert len(box.arrived) == (meanwhile == "used")


def test_a_link_of_a_key_that_is_gone_is_not_sent(mailing: House, box: Mailbox, monkeypatch: pytest.MonkeyPatch):
    asks(mailing, mailing.email(mailing.ot))
    monkeypatch.setattr("coord.web.people.mails.Links", lambda office, *_keys: Links(office, "n" * 40))
    post_comes(mailing)
    assert box.arrived == []
    assert rows(mailing, MAILS)[0].said == "link-over"


def test_a_name_that_runs_the_other_way_or_holds_anything_stays_in_the_words(mailing: House, box: Mailbox):
    name = "ליה Bcc: eva@example.org %(x)s"
    mailing.ot  # noqa: B018 - there is a team North
    admin = mailing.browser_of(mailing.admin)
    assert admin.post("/people/new", form(name=name, invite="mail")).status_code == 303
    post_comes(mailing)
    ((address, message),) = box.arrived
    assert address == "nia@example.org"
    assert message["Bcc"] is None
    assert name in words_of(message)


def test_a_server_that_is_not_there_keeps_the_mail(data_folder: Path):
    with mailbox() as gone:
        server = gone.server
    with open_house(data_folder, mail=server) as house:
        asks(house, house.email(house.ot))
        assert send_next(house.app, house.services)
        (mail,) = rows(house, MAILS)
        assert (mail.state, mail.attempts) == ("waiting", 1)
        assert "refused" in mail.said.lower()


# ---- told what was done under one's name --------------------------------------------------------------------------


def test_a_sign_in_in_a_new_browser_is_told_by_mail_but_not_the_first_nor_in_one_that_is_known(
    mailing: House, box: Mailbox
):
    email = mailing.email(mailing.ot)
    client, _entered = signs_in(mailing, email, PASSWORD)
    post_comes(mailing)
    assert box.arrived == [], "the first of all"
    client.post("/sign-out", form_on="/account")
    client.post("/sign-in", {"email": email, "password": PASSWORD})
    post_comes(mailing)
    assert box.arrived == [], "they have been here before"
    signs_in(mailing, email, PASSWORD)
    post_comes(mailing)
    ((to, mail),) = box.arrived
    assert (to, mail["Subject"]) == (email, "You signed in to Coord in a new browser")
    assert "On 10 March 2026, 10:00 somebody signed in as you" in words_of(mail)
    assert "Zig" not in words_of(mail)


def test_a_password_that_one_changes_oneself_is_told_by_mail(mailing: House, box: Mailbox):
    client, _entered = signs_in(mailing, mailing.email(mailing.ot), PASSWORD)
    new = {"current": PASSWORD, "password": OWN, "again": OWN, "next": "/"}
    assert client.post("/account/password", new).status_code == 303
    post_comes(mailing)
    assert [mail["Subject"] for _to, mail in box.arrived] == ["Your password for Coord was changed"]
    assert "on your account page" in words_of(box.arrived[0][1])


def test_an_outbox_that_is_down_keeps_nobody_out(mailing: House, monkeypatch: pytest.MonkeyPatch):
    email = mailing.email(mailing.ot)
    signs_in(mailing, email, PASSWORD)

    def down(*_: Any, **__: Any) -> None:
        raise Unavailable("unavailable")

    monkeypatch.setattr("coord.office.outbox.put", down)
    assert signs_in(mailing, email, PASSWORD)[1].status_code == 303
