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
    "ChangeOnTeam": STAFF,
    "RemoveFromTeam": STAFF,
    "PublishSummary": STAFF,
    "RecallSummary": STAFF,
    "ReadSummarySources": STAFF,
    # The child's circle (issue 9, 7): whoever writes down what a mother saw names her; who is who, those say who answer
    # for the child. The school does not read who else is around it.
    "NameInCircle": EVERYBODY - {"teacher"},
    "CorrectInCircle": STAFF,
    "JoinNameToCircle": STAFF,
    "ReadCircle": EVERYBODY - {"teacher"},
    # Alerts (issue 11, 1): on every page and on paper in a class, so they are for who answers for the child.
    **dict.fromkeys(("RaiseAlert", "ChangeAlert", "EndAlert"), STAFF),
    "SaveDraft": EVERYBODY,
    "DiscardDraft": EVERYBODY,
    "ReadDraft": EVERYBODY,
    "SignNote": EVERYBODY,
    "AddAddendum": EVERYBODY,
    "AmendNote": EVERYBODY,
    "CorrectNoteCircumstances": EVERYBODY,
    "EnterNoteInError": EVERYBODY,
    "ChangeNoteAudience": EVERYBODY,
    "CosignNote": STAFF,  # a lead only what they entrusted to themselves
    "EntrustCosignature": {"lead"},
    "ReadCosigners": {"lead"},
    "ReadLeftBehind": STAFF,
    "ReadCase": EVERYBODY,
    "ReadOverview": EVERYBODY,  # of each part what they may read where it comes from
    "ReadBeside": EVERYBODY,
    "ReadTimeline": EVERYBODY,
    "ReadNote": EVERYBODY,
    "ReadSummary": EVERYBODY,
    "ReadNoteReaders": EVERYBODY - {"teacher"},
    "ReadHistory": {"lead"},
    "ReadTimelineAs": {"lead"},
    # The complaint file (issue 11, section 4): the lead's, as the history that it is made of.
    "ReadComplaintFiles": {"lead"},
    "AskForComplaintFile": {"lead"},
    "ReadForComplaintFile": {"lead"},
    "TakeComplaintFile": {"lead"},
    "ExportCase": {"lead"},
    # Goals (issue 3, section 1): whoever works with the child proposes; who answers for it decides; everybody observes.
    "ProposeGoal": EVERYBODY - {"teacher"},
    "ReviseGoal": STAFF,
    "AgreeGoal": STAFF,
    "ChangeGoalStatus": STAFF,
    "EnterGoalInError": EVERYBODY - {"teacher"},
    "ObserveGoal": EVERYBODY,
    "EnterObservationInError": EVERYBODY,
    "ScoreAttainment": STAFF,
    "RecordCopm": STAFF,
    "RecordInstrument": STAFF,
    "EnterMeasureInError": STAFF,
    "OfferStrategy": STAFF,
    "TellOfStrategy": EVERYBODY,
    "EnterTrialInError": EVERYBODY,  # but of what they told themselves, and the lead of all
    "EndStrategy": STAFF,
    "ReadGoals": EVERYBODY,
    "ReadGoal": EVERYBODY,
    "ReadMeasures": EVERYBODY - {"teacher"},
    # Groups (section 3): a teacher sees their child's attendance, aims and messages.
    "DescribeProfile": STAFF,
    "ReadGroups": EVERYBODY,
}

# About one course, by what a person is to it: who may, of those who know that it exists. "Roster is its own permission:
# the staff of the course and the team lead." "colleague": works in the service team of the course, without running it.
RUNS_IT = {"staff", "lead"}
ABOUT_A_COURSE: dict[str, set[str]] = {
    "ReadCourse": {"staff", "staff student", "lead", "colleague", "colleague student"},
    "ReadRoster": {"staff", "staff student", "lead"},
    "ReadSession": {"staff", "staff student", "lead"},
    "ReadFit": {"staff", "lead", "colleague"},  # of a child they treat, or (staff and lead) of one in the course
    "EnrolChild": {"staff", "lead", "colleague"},  # a colleague onto the waiting list alone
    "ReviseCourse": RUNS_IT,
    "EndCourse": RUNS_IT,
    "EndPlace": RUNS_IT,
    "PlanSession": RUNS_IT,
    "CancelSession": RUNS_IT,
    "RecordSession": RUNS_IT,
    "CorrectSession": RUNS_IT,
    # Issue 9, section 8: one date moved, a cancelled one held after all, a stand-in, recordings settled.
    "MoveSession": RUNS_IT,
    "ReinstateSession": RUNS_IT,
    "NameStandIns": RUNS_IT,
    "SettleAttendance": RUNS_IT,  # of those, who made one of the recordings, and the lead
}
# What somebody may who stands in for one session, in that session; for them there is no other, nor the course.
STANDS_IN: dict[str, set[str]] = {
    "ReadSession": {"therapist", "student", "team-lead"},
    "RecordSession": {"therapist", "team-lead"},
    "CorrectSession": {"therapist", "team-lead"},
    "SettleAttendance": {"therapist", "team-lead"},
}
# Not possible any more once the course has ended; what took place can still be recorded and corrected.
REFUSED_WHEN_ENDED = {"ReviseCourse", "PlanSession", "CancelSession", "MoveSession", "ReinstateSession", "NameStandIns"}

# About nobody in particular: which roles.
ROLES = {"therapist", "student", "teacher", "team-lead", "administrator"}
ABOUT_NO_CHILD: dict[str, set[str]] = {
    "OpenCase": {"therapist", "team-lead"},
    "RegisterPerson": {"administrator"},
    "ChangePersonRole": {"administrator"},
    "AddPersonRole": {"administrator"},
    "EndPersonRole": {"administrator"},
    "MovePerson": {"administrator"},
    "ChangePersonEmail": {"administrator"},
    "RenamePerson": {"administrator"},
    "DisablePerson": {"administrator"},
    "EnablePerson": {"administrator"},
    # Issue 9, section 5: one administrator proposes, another one or the lead of the team that it touches confirms.
    "GivePassword": {"administrator"},
    "RemoveFactors": {"administrator"},
    "NoteAccountChange": {"administrator"},
    "ChoosePassword": ROLES,  # issue 12, section 2: of oneself alone, who has no other field
    "ConfirmChange": {"administrator", "team-lead"},
    "DeclineChange": {"administrator", "team-lead"},
    "ReadProposals": {"administrator", "team-lead"},
    "ReadAccountChanges": ROLES,
    "ReadAccounts": {"administrator"},
    "ReadLeftBehindBy": {"administrator"},
    "ReadAudit": {"team-lead"},
    "ReadCaseload": ROLES,
    "ReadWaiting": ROLES,
    "ReadForSupply": {"teacher"},
    "ReadNextToWrite": ROLES,
    # Issue 11, section 2: "a child, a person, a page, an activity, or words in the records of one's children".
    "Find": ROLES - {"administrator"},
    "ReadMe": ROLES,
    "ReadPeople": ROLES - {"teacher"},
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
    # Issue 11, section 2: templates "by the lead"; whoever may write notes in them reads them.
    "DrawUpNoteTemplate": {"team-lead"},
    "ChangeNoteTemplate": {"team-lead"},
    "RetireNoteTemplate": {"team-lead"},
    "RestoreNoteTemplate": {"team-lead"},
    "ReadNoteTemplates": {"therapist", "student", "team-lead"},
    "ReadNoteTemplate": {"therapist", "student", "team-lead"},
    "PlanCourse": {"therapist", "team-lead"},
    "ReadCourses": {"therapist", "student", "team-lead"},
    "ReadMySessions": {"therapist", "student", "team-lead"},
    # Issue 11, section 2: "one's own, by a short name": of whoever writes notes.
    **dict.fromkeys(("KeepPhrase", "RemovePhrase", "ImportPhrases", "ReadPhrases"), ROLES - {"administrator"}),
}

# What the operator at the machine may do about a child: take a complete copy, and nothing else.
OPERATOR = {"ExportCase"}

# Not possible any more once the case is closed; corrections of what was written stay possible.
REFUSED_WHEN_CLOSED = {
    *("AddToTeam", "NameInCircle", "PublishSummary", "SignNote", "AddAddendum"),
    *("ProposeGoal", "ReviseGoal", "AgreeGoal", "ChangeGoalStatus", "ObserveGoal", "ScoreAttainment"),
    *("RecordCopm", "RecordInstrument", "OfferStrategy", "TellOfStrategy", "DescribeProfile", "RaiseAlert"),
}
# Not possible with a note that was entered in error.
REFUSED_WHEN_IN_ERROR = {
    *("CosignNote", "AddAddendum", "AmendNote", "CorrectNoteCircumstances", "EnterNoteInError", "ChangeNoteAudience"),
    "EntrustCosignature",
}


def standing(role: str, *, on_care_team: bool, same_service_team: bool) -> str | None:
    """What the person is to the child, None if the child does not exist for them."""
    if role == "administrator":
        return None
    if role == "team-lead":
        return "lead" if same_service_team else "visiting lead" if on_care_team else None
    return role if on_care_team else None


def standing_in_a_course(role: str, *, on_staff: bool, same_service_team: bool) -> str | None:
    """What the person is to the course, None if the course does not exist for them."""
    if role not in ("therapist", "student", "team-lead"):
        return None
    if role == "team-lead" and same_service_team:
        return "lead"
    if not (on_staff or same_service_team):
        return None
    word = "staff" if on_staff else "colleague"
    return f"{word} student" if role == "student" else word


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
        return "refused" if own or not same_discipline or who == "lead" else "allowed"
    if command == "EntrustCosignature" and status != "awaiting-cosignature":
        return "conflict"
    if command in ("AmendNote", "CorrectNoteCircumstances") and not own:
        return "refused"
    if command in ("EnterNoteInError", "ChangeNoteAudience", "ReadNoteReaders") and not own and who != "lead":
        return "refused"
    return "allowed"


def reads_goal(who: str, *, own: bool, same_discipline: bool, audience: str, status: str, agreed: bool) -> bool:
    """Whether somebody who knows the child reads this goal: as a note, but the school only what was agreed."""
    if who == "teacher" and not own:
        return agreed and status != "entered-in-error" and audience == "care-team-and-school"
    return reads(who, own=own, same_discipline=same_discipline, audience=audience, status=status)


def about_a_goal(command: str, who: str, *, own: bool, status: str) -> str:
    """What happens to a command about a goal that the person reads and may, by the table above, deal with."""
    ended = status in ("achieved", "maintained", "stopped", "entered-in-error")
    if command in ("ReviseGoal", "AgreeGoal") and ended:
        return "conflict"
    if command == "ObserveGoal" and status in ("stopped", "entered-in-error"):
        return "conflict"
    if command == "EnterGoalInError":
        if status == "entered-in-error":
            return "conflict"
        return "allowed" if own or who == "lead" else "refused"
    return "allowed"


def about_a_strategy(command: str, who: str, *, own: bool, status: str) -> str:
    """Likewise for a strategy, and what its author told of it; its readers are those who are to use it, and the care
    team."""
    if command == "EnterTrialInError":
        return "allowed" if own or who == "lead" else "refused"
    return "conflict" if status == "ended" else "allowed"


def about_a_measure(who: str, *, own: bool, status: str) -> str:
    """Likewise for a measure, which everybody reads who may read measures at all."""
    if status == "entered-in-error":
        return "conflict"
    return "allowed" if own or who == "lead" else "refused"
