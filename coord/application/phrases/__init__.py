"""Phrases: words that somebody writes again and again, by a short name."""
