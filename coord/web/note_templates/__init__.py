"""Templates of notes: the list, the editor of a team's lead, versions."""
