"""Checks claims against passages and texts against a profile; see `verifier.Verifier`."""
