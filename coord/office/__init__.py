"""The office: credentials, sign-ins, tokens and their limits. What is true of a child or a person is never kept here.

Imports point from ``web`` to ``office``; the office knows neither Flask's requests nor the record. Every function that
needs the time takes it as an aware ``now``.
"""

from coord.office.tables import OFFICE, UtcDateTime, create_tables

__all__ = ["OFFICE", "UtcDateTime", "create_tables"]
