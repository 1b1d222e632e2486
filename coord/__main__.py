"""``python -m coord``: the command line, where the installed ``coord`` is not on the path."""

from coord.cli import main

main()
