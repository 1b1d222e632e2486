"""Finding a child, a colleague, an activity, or words in the records of one's children."""
