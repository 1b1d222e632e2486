"""The chapters of Activities and Participation in the WHO's International Classification of Functioning.

Codes and titles only: the texts of the classification are under the WHO's copyright.
"""

from __future__ import annotations

from enum import StrEnum


class IcfChapter(StrEnum):
    """The code of a chapter."""

    D1 = "d1"
    D2 = "d2"
    D3 = "d3"
    D4 = "d4"
    D5 = "d5"
    D6 = "d6"
    D7 = "d7"
    D8 = "d8"
    D9 = "d9"


ICF_CHAPTERS: dict[str, str] = {
    "d1": "Learning and applying knowledge",
    "d2": "General tasks and demands",
    "d3": "Communication",
    "d4": "Mobility",
    "d5": "Self-care",
    "d6": "Domestic life",
    "d7": "Interpersonal interactions and relationships",
    "d8": "Major life areas",
    "d9": "Community, social and civic life",
}
"""Code to English title; other languages are the web's."""
