"""The invented people: one of every role and more, in two service teams and three schools. None of them exists."""

from __future__ import annotations

from dataclasses import dataclass

from coord.domain.actors import Discipline, Relation, Role

PASSWORD = "paper-boats-on-the-lake"  # noqa: S105 - published, for demonstration people only
DOMAIN = "coord.example"

LIGHTHOUSE, ORCHARD = "Lighthouse team", "Orchard team"
LARKWHISTLE, TUMBLESTONE, MARSHLIGHT = "Larkwhistle Primary School", "Tumblestone Nursery", "Marshlight School"


@dataclass(frozen=True, slots=True)
class Persona:
    """Who they are when the demonstration ends, and what they will find when they sign in."""

    key: str
    name: str
    role: Role
    discipline: Discipline | None
    team: str
    relation: Relation | None
    sees: str
    language: str = "en"

    @property
    def email(self) -> str:
        """Their address; the domain is reserved and reaches nobody."""
        return f"{self.key}@{DOMAIN}"


_OT, _SLT, _PSY = Relation.OCCUPATIONAL_THERAPIST, Relation.SPEECH_THERAPIST, Relation.PSYCHOLOGIST

PEOPLE: tuple[Persona, ...] = (
    Persona(
        "ida",
        "Ida Castellan",
        Role.THERAPIST,
        Discipline.OT,
        LIGHTHOUSE,
        _OT,
        "Bruno, Giada and others in full; a student's note to co-sign; a draft; a summary that is out of date; "
        "the Monday group's session to record",
    ),
    Persona(
        "beatrice",
        "Beatrice Olmara",
        Role.THERAPIST,
        Discipline.OT,
        LIGHTHOUSE,
        _OT,
        "Amina, Celeste and Elia; three groups this week; writes and reads in Italian",
        "it",
    ),
    Persona(
        "tomas",
        "Tomas Verhol",
        Role.THERAPIST,
        Discipline.OT,
        ORCHARD,
        _OT,
        "Jonas with his talker, Hugo and Livia; took over from a colleague who left; Fridays for families",
    ),
    Persona(
        "nadia",
        "Nadia Fenwright",
        Role.THERAPIST,
        Discipline.SLT,
        LIGHTHOUSE,
        _SLT,
        "Amina in two languages, Bruno and Giada; moved here from the Orchard team",
    ),
    Persona(
        "pietro",
        "Pietro Sandrel",
        Role.THERAPIST,
        Discipline.SLT,
        ORCHARD,
        _SLT,
        "Fiamma, whose case he closed, and Jonas",
        "it",
    ),
    Persona(
        "marta",
        "Marta Quillan",
        Role.THERAPIST,
        Discipline.PSYCHOLOGY,
        LIGHTHOUSE,
        _PSY,
        "Elia and Damiano, with entries for psychology alone; a note that she filed under the wrong child; "
        "the Tuesday builders, and a child who waits",
    ),
    Persona(
        "elias",
        "Elias Brandori",
        Role.THERAPIST,
        Discipline.PSYCHOLOGY,
        ORCHARD,
        _PSY,
        "Irene, with a summary that was recalled, Hugo and Livia; in a second role, people and accounts",
    ),
    Persona(
        "juno",
        "Juno Pellarin",
        Role.STUDENT,
        Discipline.OT,
        LIGHTHOUSE,
        Relation.STUDENT,
        "her supervised children; a note that waits for its co-signature",
    ),
    Persona(
        "remo",
        "Remo Talvik",
        Role.STUDENT,
        Discipline.OT,
        ORCHARD,
        Relation.STUDENT,
        "an assistant: Jonas and Livia, everything he signs is co-signed",
    ),
    Persona(
        "carla",
        "Carla Benvenghi",
        Role.TEACHER,
        None,
        LARKWHISTLE,
        Relation.CLASS_TEACHER,
        "four pupils with published summaries: Dario, Elia, Giada and Hugo",
    ),
    Persona(
        "owen",
        "Owen Tarrish",
        Role.TEACHER,
        None,
        TUMBLESTONE,
        Relation.SUPPORT_TEACHER,
        "nursery: Amina, Bruno and Celeste; nothing that psychology keeps to itself",
    ),
    Persona(
        "femi",
        "Femi Adeyra",
        Role.TEACHER,
        None,
        LARKWHISTLE,
        Relation.CLASS_TEACHER,
        "Damiano, Fiamma and Irene, whose summary says only that it was recalled",
    ),
    Persona(
        "lucia",
        "Lucia Ambrel",
        Role.TEACHER,
        None,
        MARSHLIGHT,
        Relation.SUPPORT_TEACHER,
        "Jonas and Livia, in Italian",
        "it",
    ),
    Persona(
        "helen",
        "Helen Strandmoor",
        Role.TEAM_LEAD,
        None,
        LIGHTHOUSE,
        Relation.COORDINATOR,
        "every child and group of the Lighthouse team, who wrote and who looked",
    ),
    Persona(
        "davide",
        "Davide Corvanni",
        Role.TEAM_LEAD,
        None,
        ORCHARD,
        Relation.COORDINATOR,
        "every child and group of the Orchard team, who wrote and who looked",
        "it",
    ),
    Persona("rosa", "Rosa Impellon", Role.ADMINISTRATOR, None, "", None, "people and accounts, and no child at all"),
)

LEAVER = Persona(
    "yannick", "Yannick Orsel", Role.THERAPIST, Discipline.OT, ORCHARD, _OT, "nothing: he left, and his notes stay"
)

BY_KEY: dict[str, Persona] = {person.key: person for person in (*PEOPLE, LEAVER)}


def sign_ins() -> str:
    """Who can sign in, with what, and what they will see; as lines for a terminal."""
    lines = [f"Sign in with one of these addresses and the password  {PASSWORD}", ""]
    for person in PEOPLE:
        role = person.role.value + (f", {person.discipline.value}" if person.discipline else "")
        lines += [f"  {person.email:<24}{person.name} ({role})", f"  {'':<24}{person.sees}"]
    lines += ["", "All of them, and every child, are invented."]
    return "\n".join(lines)
