"""The chapters of Activities and Participation in the WHO's International Classification of Functioning.

Codes and titles only: the texts of the classification are under the WHO's copyright.
"""

from __future__ import annotations

from enum import StrEnum

IcfChapter = StrEnum("IcfChapter", "D1 D2 D3 D4 D5 D6 D7 D8 D9")
"""The code of a chapter."""

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
