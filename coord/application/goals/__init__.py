"""Goals, measures and strategies: what is asked and answered, and the handlers behind the two doors."""
