"""Receipts: what was said, in a form that can be passed on and checked by whoever gets it."""
