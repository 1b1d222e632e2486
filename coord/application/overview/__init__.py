"""A child at a glance: who is this, and what now."""
