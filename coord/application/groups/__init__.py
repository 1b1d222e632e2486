"""Therapeutic groups: courses, who is in them, their sessions, and what each session was for each child."""

from coord.application.groups import commands, questions, reading, sessions, writing

__all__ = ["commands", "questions", "reading", "sessions", "writing"]
