"""The demonstration: twelve invented children over nine months, and the people around them."""

from coord.demo.people import PASSWORD, PEOPLE, sign_ins
from coord.demo.play import Calendar, Loaded, is_complete, load

__all__ = ["PASSWORD", "PEOPLE", "Calendar", "Loaded", "is_complete", "load", "sign_ins"]
