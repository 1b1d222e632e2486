"""The command line: everything an operator does at the machine itself. Each command's ``--help`` has an example."""

from coord.cli import activities, backup, complaint_files, data, people, running, views  # they register their commands
from coord.cli.frame import main

__all__ = ["activities", "backup", "complaint_files", "data", "main", "people", "running", "views"]
