"""Policies: the numbers and words that a service team works by."""
