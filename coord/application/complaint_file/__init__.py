"""The complaint file: one child's record as known on a day, for a stated reader, to be taken away."""
