"""Therapeutic groups: courses, who is in them, their sessions, and what each session was for each child."""

from coord.application.groups import commands, correcting, planning, questions, reading, recording, settling, writing

__all__ = ["commands", "correcting", "planning", "questions", "reading", "recording", "settling", "writing"]
