"""From a question to a plan: what was asked, of which papers, about what."""
