"""What waits for somebody: one list, whatever it comes from."""
