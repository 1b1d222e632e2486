"""Goals, measures and strategies: what is asked and answered, and the handlers behind the two doors."""

from coord.application.goals import reading, writing  # they register their handlers

__all__ = ["reading", "writing"]
