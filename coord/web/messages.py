"""The words for every code of `coord.domain.errors`: what is wrong and what to do, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.domain.errors import FieldProblem
from coord.domain.note_template import MOST_IN_USE
from coord.web.people.words import left_behind, until_in_words
from coord.web.spelling import format_date, format_datetime

FIELD_MESSAGES: dict[str, LazyString] = {
    "missing": _l("Enter this"),
    "nothing-written": _l("Write something in at least one section"),
    "not-text": _l("This must be text"),
    "too-long": _l("This is too long: at most %(limit)s characters"),
    "too-many": _l("Too many: at most %(limit)s"),
    "broken-characters": _l("This holds characters that cannot be stored. Type it again, or paste it as plain text"),
    "no-time-zone": _l("The time needs a time zone, for example 2026-03-01T10:00:00+01:00"),
    "in-the-future": _l("This cannot be in the future"),
    "in-the-past": _l("This cannot be in the past"),
    "too-long-ago": _l("This is too long ago. Check the year"),
    "before-the-start": _l("This must not be before the start"),
    "unknown-choice": _l("Choose one of the options"),
    "unknown-section": _l("This format has no such section"),
    "no-such-template": _l("There is no such template, or no such version of it, that you write in"),
    "not-in-a-template": _l("A template goes with the format “template” alone"),
    "template-retired": _l("This template was taken out of use. Choose another"),
    "none-required": _l("At least one section must be required"),
    "unknown-field": _l("There is no such field"),
    "not-for-your-role": _l("Your role cannot choose this"),
    "email-taken": _l("Another account has this email address. Use another one, or look for the account in the list"),
    "not-an-email": _l("Enter an email address, like name@example.org"),
    "not-clinical": _l("Choose a clinical discipline for this role"),
    "relation-does-not-fit-role": _l("This relation does not fit the person's role"),
    "person-disabled": _l("This person no longer has access"),
    "before-the-record": _l("The record had not begun then"),
    "could-not-read": _l("Choose somebody who could read this record on that day"),
    "no-such-person": _l("Choose a person from the list"),
    "no-such-note": _l("There is no such entry"),
    "no-such-source": _l("There is no such entry, or you may not read it. Remove it"),
    "source-in-error": _l("This entry was entered in error. Remove it"),
    "source-ended": _l("This is no longer advised or worked on. Remove it"),
    "source-corrected": _l(
        "An entry that this rests on was corrected meanwhile. Read it as it stands now, then publish"
    ),
    "no-such-goal": _l("There is no such goal"),
    "no-such-measure": _l("There is no such measure"),
    "later-than-this": _l("The one to compare with must not be later than this one"),
    "no-scale": _l("This goal has no scale yet. Say how much help was needed instead, or write the scale first"),
    "other-scale": _l("The scale was changed meanwhile. Read the levels again, and choose"),
    "achieved-and-not": _l("More than expected, and “not achieved”, cannot both be. Choose one of them again"),
    "as-expected-and-not-achieved": _l("The level is “as expected”, and the help “not achieved”"),
    "two-observers": _l("Choose who saw it from the list, or type a name: not both"),
    "not-around-the-child": _l("Choose somebody who is around the child, or name them first"),
    "in-circle-already": _l("Somebody of this name and relation is in the list already. Choose them there"),
    "not-in-circle": _l("Choose somebody from the list"),
    "which-context": _l("Goals are rated in more than one context. Say in which the score is to be kept"),
    "two-bases": _l("A score rests on levels that were agreed, or on those of one context: not on both"),
    "same-as-another": _l("Two levels say the same. Each must be told from the others by what one sees"),
    "before-birth": _l("This is before the child was born. Check the day, and the date of birth"),
    "interval-without-score": _l("The interval does not hold the score. Check the three numbers"),
    "contradicts-standard": _l(
        "This contradicts the standard score, which goes with a percentile of about %(expected)s. Check both"
    ),
    "far-from-the-mean": _l("This is far from the mean: it is %(mean)s, with a standard deviation of %(deviation)s"),
    "far-from-standard": _l("The standard score goes with a percentile of about %(expected)s"),
    "less-than-low": _l("The upper end must not be less than the lower end"),
    "meaning-of-standard": _l("There is a standard score. Choose what it means"),
    "new-team": _l("There is no team %(team)s yet. Is it a new one?"),
    "new-team-near": _l("There is no team %(team)s yet. Did you mean %(near)s?"),
    "team-without-lead": _l(
        "Nobody leads a team %(team)s, so nobody would answer for the child. Ask an administrator for a lead first"
    ),
    "team-without-lead-near": _l(
        "Nobody leads a team %(team)s, so nobody would answer for the child. Did you mean %(near)s?"
    ),
    "id-taken": _l("This identifier was used for something else. Send it with a new one"),
    "out-of-range": _l("This must be from %(least)s to %(most)s"),
    "not-a-cursor": _l("This is not the cursor of a page. Start from the first page"),
    "wrong-type": _l("This is not of the right type"),
    "given-twice": _l("This was given more than once"),
    "not-an-id": _l("This is not a UUID"),
    "not-a-moment": _l(
        "Give a time with seconds and zone, like 2026-03-01T10:00:00+01:00 (in an address, write + as %2B)"
    ),
    "not-an-iso-date": _l("Give a real date as year-month-day, like 2026-03-27"),
    "not-a-date": _l("Enter a real date, like 27 3 2026"),
    "not-a-time": _l("Enter a time like 14:30"),
    "skipped-time": _l(
        "On %(day)s the clocks went forward from %(before)s to %(after)s, so there was no %(time)s. "
        "Enter the time that the clock showed"
    ),
    "email-missing": _l("Enter your email address"),
    "password-missing": _l("Enter your password"),
    "less-than-from": _l("This must not be less than the number it starts from"),
    "not-a-number": _l("Enter a whole number"),
    "cannot-change": _l("This cannot be changed. End this course and plan another"),
    "outside-policy": _l(
        "The policy of your team foresees %(least)s to %(most)s. Change it, or say why it is otherwise here"
    ),
    "not-for-staff": _l("Only a therapist, a student or a team lead who has access can run a group"),
    "no-therapist": _l("Name at least one therapist or team lead"),
    "not-on-staff": _l("This person is not on the staff of the course"),
    "overlaps-for-children": _l(
        "Children who have another group at that time: %(children)s. Choose another time, or say why it shall be so"
    ),
    "meets-a-moved-session": _l(
        "On %(day)s there would be two sessions, for one was moved there. Move that one first, or choose another day"
    ),
    "another-session-then": _l("On %(day)s there is another session of this course already"),
    "on-a-day-off": _l("%(day)s is a day without a session in this course."),
    "another-group-then": _l("Children of the course who have another group at that time: %(children)s."),
    "on-staff-already": _l("This person is on the staff of the course already, and needs no naming"),
    "nobody-came": _l("If nobody came, everybody is absent. Choose “absent”, or say that somebody came"),
    "after-the-last-session": _l("The last session is on %(day)s: the place would begin after it"),
    "in-an-earlier-stay": _l("The child was in the group until %(day)s. Choose a day from then on"),
    "before-the-stay": _l("The child joined on %(day)s: the last day cannot be before it"),
    "was-there-after": _l("A recording has the child in a session on %(day)s, after this last day."),
    "reasons-against": _l("There are reasons against. Say why the child shall have the place all the same"),
    "names-the-child": _l(
        "The aims of the course seem to name this child. Every child's people read them: change them first, or confirm "
        "that it is not a name"
    ),
    "names-another-child": _l(
        "This seems to name %(name)s, another child. Write “a peer”, or confirm that it is not a name"
    ),
    "no-such-child": _l("There is no such child, or not one of yours"),
    "not-in-the-course": _l("This child has no place in the course"),
    "no-such-activity": _l("There is no such activity in the library"),
    "without-attendance": _l("Attendance is missing for %(children)s of the children"),
    "named-twice": _l("This child is named twice"),
    "not-of-the-absent": _l("The child was absent: this cannot be told of them"),
    "not-of-the-present": _l("The child was there. Leave this empty"),
    "too-long-a-session": _l("This is longer than %(hours)s hours. Check the times"),
    "too-long-a-span": _l("At most %(days)s days at once"),
    "no-such-line": _l("This child has no line in this recording"),
    "not-the-line": _l("This is not the line of this child in this recording"),
    "before-its-day": _l(
        "This session is on %(day)s, and can be recorded from that day on. If it took place earlier, change the dates "
        "of the course first"
    ),
    "cancelled-before": _l("This session was cancelled. Confirm that it took place all the same, or do not record it"),
    "entered-in-error": _l("This was marked as entered in error; nothing can be changed in it"),
    "activity-retired": _l("This activity was taken out of use. Choose another"),
    "goal-ended": _l("This goal has ended and cannot be rated. Leave the rating out"),
    "rated-twice": _l("This goal is rated twice"),
    "case-closed": _l("The case of this child is closed. Take the child off the course first"),
    "left-behind": _l("This is left behind: %(what)s. Hand it over first if you can"),
    "on-team-longer": _l("They are on the care team %(until)s already. To end that sooner, change their stay"),
    "after-the-end": _l("This must not be after the last day"),
    "meets-another-stay": _l("These days meet another stay of the same person. Change that one first"),
    "own-note": _l("Nobody co-signs their own note. Choose somebody else"),
    "known-to-you": _l(
        "There is a child with this name or birth date among those you know. Look there first: it may be the same child"
    ),
    "known-in-the-team": _l(
        "There may be a record of this child in your service team already. Ask your team lead before you open another"
    ),
    "note-of-these-words": _l(
        "You signed a note of the same words about this child already (%(when)s). Is it to be there twice?"
    ),
    "note-of-this-time": _l(
        "You signed another note about this child of just this time (%(when)s). What belongs to it can be added there"
    ),
    "strategy-ended": _l("This strategy is no longer advised"),
    "not-a-short-name": _l("Use letters and digits, with hyphens between them: no spaces, no other marks"),
    "no-file": _l("Choose a file"),
    "not-of-phrases": _l("This is no file of phrases. Choose one that was saved here"),
    "phrase-name-taken": _l("You have a phrase of this name already"),
    "strategy-handed-over": _l("These words were handed over. Take this strategy back, and write a new one"),
}


class Explanation(NamedTuple):
    """A title, what happened, and what to do next."""

    title: str
    message: str
    what_next: str


_TRY = _l("Go back, look again at how things stand now, and decide again.")
ERRORS: dict[str, tuple[LazyString, LazyString, LazyString]] = {
    "invalid-input": (
        _l("There is a problem"),
        _l("Some of what was sent cannot be accepted as it is."),
        _l("Correct what is marked and send it again. Nothing has been saved yet."),
    ),
    "not-found": (
        _l("Page not found"),
        _l("There is nothing here, or nothing that you may see."),
        _l("Check the address, or go to the start page."),
    ),
    "no-such-thing": (
        _l("No such thing"),
        _l("There is nothing here, or nothing that you may see."),
        _l("Check the address."),
    ),
    "not-permitted": (
        _l("You cannot do this"),
        _l("Your role, or your part in this child's care team, does not allow it."),
        _l("If you need it for your work, ask the team lead."),
    ),
    "case-closed": (
        _l("The case is closed"),
        _l("Nothing new can be written to a closed case: only what was before it was closed, and corrections."),
        _l("A therapist on the care team or the team lead can reopen it."),
    ),
    "case-open": (_l("The case is open"), _l("It is open already."), _TRY),
    "already-signed": (_l("Already signed"), _l("This note was signed before."), _l("Open the note to see it.")),
    "already-on-team": (_l("Already on the care team"), _l("This person is on it in just this way."), _TRY),
    "stay-is-over": (
        _l("This stay is over"),
        _l("What was before today stays as it was."),
        _l("To put the person on the care team again, add them from a new day."),
    ),
    "somebody-can-cosign": (
        _l("Somebody of the discipline can co-sign it"),
        _l("A therapist of the same discipline is on the care team."),
        _l("Ask them, or put another one on the care team."),
    ),
    "no-cosignature-awaited": (
        _l("No co-signature is awaited"),
        _l("Somebody has co-signed this note already, or it needs none."),
        _TRY,
    ),
    "own-note": (
        _l("You cannot co-sign your own note"),
        _l("A co-signature is a second pair of eyes."),
        _l("Ask a colleague of your discipline."),
    ),
    "other-discipline": (
        _l("Another discipline's note"),
        _l("A note is co-signed by somebody of the same discipline, or whom the team lead entrusted it to."),
        _l("Ask a colleague of that discipline, or the team lead."),
    ),
    "entered-in-error": (
        _l("Entered in error"),
        _l("This was marked as entered in error; nothing can be changed in it."),
        _TRY,
    ),
    "nothing-changed": (
        _l("Nothing has changed"),
        _l("What you sent is what stands already."),
        _l("Change something, or leave it as it is."),
    ),
    "not-the-author": (
        _l("Only its author can do this"),
        _l("It belongs to the person who wrote it."),
        _l("You can add something of your own instead: an addendum, an observation."),
    ),
    "only-narrower": (
        _l("Only to fewer readers"),
        _l("A team lead can make the audience of somebody else's note smaller, not larger."),
        _l("Ask the author to share it more widely."),
    ),
    "goal-ended": (
        _l("This goal has ended"),
        _l("It was achieved, stopped, or entered in error; this cannot be done with it now."),
        _l("Begin it again first, or propose a new goal."),
    ),
    "not-after-this-status": (
        _l("Not from this state"),
        _l("The goal cannot go to that state from the one that it is in."),
        _TRY,
    ),
    "circle-full": (
        _l("The list is full"),
        _l("Very many people are named around this child already."),
        _l("Choose somebody from the list."),
    ),
    "alerts-full": (
        _l("There are very many alerts"),
        _l("Of so many, nobody would read the one that counts."),
        _l("End those that are so no longer first."),
    ),
    "templates-full": (
        _l("There are very many templates"),
        _l(
            "Your service team has %(most)s templates in use and can have no more: who writes chooses among them all.",
            most=MOST_IN_USE,
        ),
        _l("Take one out of use that nobody needs, or change one. What was written in it stays."),
    ),
    "alert-ended": (
        _l("This alert was ended"),
        _l("It stands no longer, and cannot be changed."),
        _l("Raise it anew, if it is so again."),
    ),
    "no-score": (
        _l("There is no score yet"),
        _l("A T-score needs at least one goal with a scale, a weight and a rating."),
        _l("Rate a goal first. Nothing rated is no score, and not 50."),
    ),
    "no-such-phrase": (
        _l("There is no such phrase"),
        _l("It was removed or renamed, or it is shared with you no more."),
        _l("Look at your phrases as they are now."),
    ),
    "strategy-ended": (
        _l("No longer advised"),
        _l("This strategy was ended."),
        _l("Look at the strategies that stand now."),
    ),
    "no-summary-published": (_l("No summary is published"), _l("There is nothing to recall."), _TRY),
    "stale": (
        _l("It was changed in the meantime"),
        _l("Since you opened this, it was changed by somebody else, or by you in another tab or window."),
        _l("Look at the present version and decide again. What you typed is kept below."),
    ),
    "already-disabled": (_l("Already disabled"), _l("This person has no access."), _TRY),
    "role-over": (_l("Already ended"), _l("This person does not have that role any more."), _TRY),
    "has-that-role": (_l("They have this role"), _l("This person has that role already."), _TRY),
    "already-enabled": (_l("Already enabled"), _l("This person has access."), _TRY),
    "proposal-over": (
        _l("This is decided already"),
        _l(
            "Somebody confirmed or declined it, it was proposed anew, or its seven days are over. Or the person was"
            " changed since, and it would touch other teams now."
        ),
        _l("Look at what waits now. What is still wanted can be proposed anew."),
    ),
    "needs-another-person": (
        _l("Somebody else confirms it"),
        _l("You proposed this yourself, and it takes two people."),
        _l("Ask another administrator, or the lead of the team."),
    ),
    "no-such-proposal": (
        _l("There is nothing to decide here"),
        _l("This does not wait for you."),
        _l("Look at what waits now."),
    ),
    "not-oneself": (
        _l("Not for your own account"),
        _l("You cannot take your own role, email address or access away."),
        _l("Ask another administrator."),
    ),
    "other-service-team": (
        _l("Another service team"),
        _l("A case is opened in your own service team."),
        _l("Ask somebody of that team to open it."),
    ),
    "team-lead-only": (
        _l("For the team lead"),
        _l("Only the team lead can move a child to another service team."),
        _l("Ask the team lead."),
    ),
    "email-taken": (
        _l("This address is in use"),
        _l("Another account has this email address."),
        _l("Use another address, or look for the account in the list."),
    ),
    "unavailable": (
        _l("Coord cannot do this just now"),
        _l("A part of the service does not answer. Nothing was saved, and nothing was lost."),
        _l("Wait a moment and try again."),
    ),
    "access-not-recorded": (
        _l("Coord cannot show this just now"),
        _l("Every look at a child's record is recorded, and that is not possible at this moment."),
        _l("Wait a moment and try again."),
    ),
    "too-busy": (
        _l("Very busy"),
        _l("Many people are writing to this child's record at this moment. Nothing was saved."),
        _l("Wait a moment and try again."),
    ),
    "too-large": (
        _l("Too much at once"),
        _l("What was sent is larger than Coord accepts. Nothing was saved."),
        _l("Go back to the form: your browser still has your words. Shorten or divide them, and send it again."),
    ),
    "bad-request": (
        _l("This could not be read"),
        _l("What was sent is not in a form that Coord understands."),
        _l("Go back and try again."),
    ),
    "method-not-allowed": (
        _l("Not this way"),
        _l("The address exists, yet not for this kind of request."),
        _l("Go back and try again."),
    ),
    "token-missing": (
        _l("A token is needed"),
        _l("The request carries no bearer token."),
        _l("Send Authorization: Bearer and a token; coord token makes one."),
    ),
    "token-invalid": (
        _l("This token is not valid"),
        _l("The bearer token is none that was given out."),
        _l("Check it, or make a new one with coord token."),
    ),
    "token-expired": (
        _l("This token has expired"),
        _l("The bearer token was valid until some time ago."),
        _l("Make a new one with coord token."),
    ),
    "token-revoked": (
        _l("This token was revoked"),
        _l("The bearer token was taken back, or its owner has no access any more."),
        _l("Ask an administrator."),
    ),
    "precondition-required": (
        _l("Say which version you mean"),
        _l("An edit names the version it was decided on, in If-Match; reading gives it as ETag."),
        _l("Read it, and send its ETag as If-Match."),
    ),
    "bad-if-match": (
        _l("If-Match names no version"),
        _l('If-Match must be one ETag as reading gives it, like "3" with its quotation marks.'),
        _l("Read it, and send its ETag as If-Match."),
    ),
    "bad-idempotency-key": (
        _l("This Idempotency-Key cannot be used"),
        _l("It must have 1 to 200 visible ASCII characters."),
        _l("Send another one."),
    ),
    "idempotency-key-reused": (
        _l("This Idempotency-Key was used for another request"),
        _l("A key stands for one request. This one came with another body, address or condition before."),
        _l("Send this request with a key of its own."),
    ),
    "in-progress": (
        _l("The first request is still at work"),
        _l("A request with this Idempotency-Key has not been answered yet."),
        _l("Send it again in a moment, with the same key."),
    ),
    "not-ready": (
        _l("The file is not ready"),
        _l("It waits, is being made, or could not be made."),
        _l("See how far it is, and take it when it is ready."),
    ),
    "complaint-file-withdrawn": (
        _l("The file was withdrawn"),
        _l(
            "Since it was made, something in it was marked as a mistake, or may no longer be read by you or by its "
            "reader."
        ),
        _l("Ask for it anew: it is made as things stand now."),
    ),
    "picture-incomplete": (
        _l("The picture is incomplete just now"),
        _l("Whether all of it may still be read cannot be told."),
        _l("Take the file when the pages no longer say that the picture is incomplete."),
    ),
    "malformed-json": (
        _l("This is not JSON"),
        _l("The body could not be read as JSON in UTF-8."),
        _l("Correct it and send it again."),
    ),
    "duplicate-key": (
        _l("A name is given twice"),
        _l("An object in the body has the same name twice, so that nobody can say which one is meant."),
        _l("Send each name once."),
    ),
    "too-deep": (
        _l("Too deeply nested"),
        _l("The body has more levels than any request needs."),
        _l("Correct it and send it again."),
    ),
    "unsupported-media-type": (
        _l("The body must be JSON"),
        _l("The body is read as application/json in UTF-8 only."),
        _l("Send it with Content-Type: application/json."),
    ),
    "activity-retired": (
        _l("This activity is out of use"),
        _l("It was taken out of use. It can be read, and offered again."),
        _TRY,
    ),
    "activity-in-use": (_l("This activity is in use"), _l("It is offered already."), _TRY),
    "template-retired": (
        _l("This template is out of use"),
        _l("Nobody is offered it any more. It can be read, and offered again."),
        _TRY,
    ),
    "template-in-use": (_l("This template is in use"), _l("It can be chosen already."), _TRY),
    "another-teams-template": (
        _l("Another team keeps this template"),
        _l("It is for all teams, and only the lead of the team that drew it up can change it."),
        _l("Ask that lead, or draw up one of your own."),
    ),
    "no-service-team": (
        _l("You belong to no service team"),
        _l("Policies and templates are those of a service team, and your account names none."),
        _l("Ask an administrator to put you into one."),
    ),
    "course-ended": (
        _l("The course has ended"),
        _l("Nothing more can be planned in it. What took place can still be recorded and corrected."),
        _l("Plan a new course."),
    ),
    "course-full": (
        _l("The course is full"),
        _l("Every place is taken."),
        _l("Put the child on the waiting list, or give the course more places."),
    ),
    "has-this-place": (_l("So it is already"), _l("The child has just this place, or waits for it."), _TRY),
    "has-a-place": (
        _l("The child has a place"),
        _l("Who has a place does not wait for one."),
        _l("Take the child off the course first, if that is meant."),
    ),
    "has-left": (_l("The child has left"), _l("The child is not in this course any more."), _TRY),
    "session-cancelled": (
        _l("This session was cancelled"),
        _l("It does not take place, so nothing can be planned for it."),
        _TRY,
    ),
    "session-recorded": (
        _l("This session is recorded"),
        _l("It took place; its plan cannot be changed any more."),
        _l("Correct what was recorded instead."),
    ),
    "not-cancelled": (
        _l("This session is not cancelled"),
        _l("It takes place, or has taken place."),
        _TRY,
    ),
    "recordings-agree": (
        _l("The recordings agree"),
        _l("They do not differ any more about whether the child was there."),
        _TRY,
    ),
    "staff-of-the-course-only": (
        _l("A place is given by the staff"),
        _l("Only who runs the course, or the team lead, gives a place in it."),
        _l("Put the child on the waiting list; the staff will see it there."),
    ),
    "fault": (
        _l("Something went wrong"),
        _l("That is our fault, not yours. It has been noted down."),
        _l("Try again. If it happens again, tell us what you were doing."),
    ),
}


def field_message(problem: FieldProblem) -> str:
    """The sentence for one field's problem; the code itself where there is none (a test keeps that from happening)."""
    words = FIELD_MESSAGES.get(problem.code)
    if words is None:
        return problem.code
    if problem.code == "names-another-child" and "name" not in problem.params:  # kept, with the name left out
        return str(_("A word that can be a child's name, and is none here"))
    if problem.code in _KEPT_BARE and "note" not in problem.params:
        return str(_KEPT_BARE[problem.code])
    if problem.code == "left-behind":
        return str(words) % {"what": left_behind(problem.params)}
    if problem.code == "on-team-longer":
        return str(words) % {"until": until_in_words(problem.params.get("until"))}
    return str(words) % {**problem.params, **_readable(problem.params)} if "%(" in str(words) else str(words)


_KEPT_BARE = {
    "note-of-these-words": _l("The same words as in an earlier note"),
    "note-of-this-time": _l("The same time as in an earlier note"),
}
"""Of what is kept, which note it was about is left out: it may be for fewer readers."""


def _readable(params: Mapping[str, object]) -> dict[str, str]:
    """The day, or the day and hour, that a sentence speaks of, as people here write one."""
    try:
        if "observed_from" in params:
            return {"when": format_datetime(datetime.fromisoformat(str(params["observed_from"])), "d MMMM y, HH:mm")}
        return {"day": format_date(date.fromisoformat(str(params["day"])), "long")} if "day" in params else {}
    except ValueError:
        return {}


def explanation(code: str, *, page: bool = True) -> Explanation:
    """Title, message and what to do for an error code; those of ``not-found`` and ``not-permitted`` for their kinds.

    To a program no ``page`` is missing, but the thing.
    """
    missing = code == "not-found" or (code not in ERRORS and code.startswith(("no-", "not-on-team")))
    known = ERRORS["not-found" if page else "no-such-thing"] if missing else ERRORS.get(code, ERRORS["not-permitted"])
    return Explanation(*(str(part) for part in known))


__all__ = ["ERRORS", "FIELD_MESSAGES", "Explanation", "explanation", "field_message"]
