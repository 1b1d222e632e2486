"""Therapeutic groups: courses, who is in them, their sessions, and what each session was for each child."""
