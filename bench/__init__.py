"""Coord beside a bare Flask app and a plain CRUD app, in one run: `make bench`."""
