"""The command line: everything an operator does at the machine itself. Each command's ``--help`` has an example."""

from coord.cli import (  # they register their commands
    activities,
    backup,
    complaint_files,
    data,
    mails,
    people,
    running,
    views,
)
from coord.cli.frame import main

__all__ = ["activities", "backup", "complaint_files", "data", "mails", "main", "people", "running", "views"]
