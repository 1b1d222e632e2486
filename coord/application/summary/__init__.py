"""The school summary."""
