"""The activity library of the service: what one can do in a group, and how."""

from coord.application.activities import commands, handlers, questions

__all__ = ["commands", "handlers", "questions"]
