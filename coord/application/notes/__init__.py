"""Notes and their drafts."""
