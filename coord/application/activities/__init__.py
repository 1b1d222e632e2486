"""The activity library of the service: what one can do in a group, and how."""
