"""Briefings: one page on a profile, a topic, a person, a paper or a stretch of time."""
