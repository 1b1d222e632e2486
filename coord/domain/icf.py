"""The chapters of the ICF's Activities and Participation: codes and titles only.

The texts of the classification are the World Health Organization's; no description is kept here.
"""

from __future__ import annotations

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
