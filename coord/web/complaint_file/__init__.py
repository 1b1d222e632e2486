"""The complaint file: asked for, made beside the pages, and taken away."""
