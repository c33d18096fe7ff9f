"""Reading a profile file and building its index."""
