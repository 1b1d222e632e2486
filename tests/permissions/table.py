"""Who may do and read what, written by hand from the issue's text (section 4), for comparison with what the doors do.

Nothing here is imported from the code that decides. Where this table and the doors disagree, one of the two is wrong.
"""

# What a person is to a child, in one word. "visiting lead" leads another service team and is on this child's care team.
EVERYBODY = {"therapist", "student", "teacher", "lead", "visiting lead"}
STAFF = {"therapist", "lead"}

# About one child: who may, of those who know the child. For everybody else the child does not exist.
ABOUT_A_CHILD: dict[str, set[str]] = {
    "CorrectDetails": STAFF,
    "CloseCase": STAFF,
    "ReopenCase": STAFF,
    "AddToTeam": STAFF,
    "RemoveFromTeam": STAFF,
    "PublishSummary": STAFF,
    "RecallSummary": STAFF,
    "ReadSummarySources": STAFF,
    "SaveDraft": EVERYBODY,
    "DiscardDraft": EVERYBODY,
    "ReadDraft": EVERYBODY,
    "SignNote": EVERYBODY,
    "AddAddendum": EVERYBODY,
    "AmendNote": EVERYBODY,
    "EnterNoteInError": EVERYBODY,
    "ChangeNoteAudience": EVERYBODY,
    "CosignNote": {"therapist"},
    "ReadCase": EVERYBODY,
    "ReadTimeline": EVERYBODY,
    "ReadNote": EVERYBODY,
    "ReadSummary": EVERYBODY,
    "ReadNoteReaders": EVERYBODY - {"teacher"},
    "ReadHistory": {"lead"},
    "ReadTimelineAs": {"lead"},
    "ExportCase": {"lead"},
}

# About nobody in particular: which roles.
ROLES = {"therapist", "student", "teacher", "team-lead", "administrator"}
ABOUT_NO_CHILD: dict[str, set[str]] = {
    "OpenCase": {"therapist", "team-lead"},
    "RegisterPerson": {"administrator"},
    "ChangePersonRole": {"administrator"},
    "MovePerson": {"administrator"},
    "DisablePerson": {"administrator"},
    "EnablePerson": {"administrator"},
    "ReadAccounts": {"administrator"},
    "ReadAudit": {"team-lead"},
    "ReadCaseload": ROLES,
    "ReadMe": ROLES,
    "ReadPeople": ROLES,
    # Issue 3, section 2: "written and versioned by therapists" (and leads); students read; it is nothing for others.
    "WriteActivity": {"therapist", "team-lead"},
    "ReviseActivity": {"therapist", "team-lead"},
    "RetireActivity": {"therapist", "team-lead"},
    "RestoreActivity": {"therapist", "team-lead"},
    "SearchActivities": {"therapist", "student", "team-lead"},
    "ReadActivity": {"therapist", "student", "team-lead"},
    # Sections 1 and 3: policies are "editable by a team lead"; whoever works by them reads them.
    "ChangePolicy": {"team-lead"},
    "ReadPolicies": {"therapist", "student", "team-lead"},
}

# What the operator at the machine may do about a child: take a complete copy, and nothing else.
OPERATOR = {"ExportCase"}

# Not possible any more once the case is closed; corrections of what was written stay possible.
REFUSED_WHEN_CLOSED = {"CorrectDetails", "AddToTeam", "PublishSummary", "SignNote", "AddAddendum"}
# Not possible with a note that was entered in error.
REFUSED_WHEN_IN_ERROR = {"CosignNote", "AddAddendum", "AmendNote", "EnterNoteInError", "ChangeNoteAudience"}


def standing(role: str, *, on_care_team: bool, same_service_team: bool) -> str | None:
    """What the person is to the child, None if the child does not exist for them."""
    if role == "administrator":
        return None
    if role == "team-lead":
        return "lead" if same_service_team else "visiting lead" if on_care_team else None
    return role if on_care_team else None


def reads(who: str, *, own: bool, same_discipline: bool, audience: str, status: str) -> bool:
    """Whether somebody who knows the child reads this entry."""
    if own:
        return True
    if status == "entered-in-error":
        return who == "lead" and (audience != "own-discipline" or same_discipline)
    if who == "teacher":
        return audience == "care-team-and-school" and status in ("signed", "cosigned")
    return {
        "care-team": True,
        "care-team-and-school": True,
        "care-team-and-family": True,
        "own-discipline": same_discipline,
    }[audience]


def about_a_note(command: str, who: str, *, own: bool, same_discipline: bool, status: str) -> str:
    """What happens to a command about a note that the person reads and may, by the table above, deal with."""
    if command in REFUSED_WHEN_IN_ERROR and status == "entered-in-error":
        return "conflict"
    if command == "CosignNote":
        if status != "awaiting-cosignature":
            return "conflict"
        return "refused" if own or not same_discipline else "allowed"
    if command == "AmendNote" and not own:
        return "refused"
    if command in ("EnterNoteInError", "ChangeNoteAudience", "ReadNoteReaders") and not own and who != "lead":
        return "refused"
    return "allowed"
