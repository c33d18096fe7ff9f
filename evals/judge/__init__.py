"""A language model as judge of open answers, and how far it agrees with people."""
