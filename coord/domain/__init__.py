"""What is true: aggregates, their events and the rules. See README.md in this folder for the layer's law."""
