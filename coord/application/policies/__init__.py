"""Policies: the numbers and words that a service team works by."""

from coord.application.policies import commands, handlers, questions
from coord.application.policies.handlers import policy_for

__all__ = ["commands", "handlers", "policy_for", "questions"]
