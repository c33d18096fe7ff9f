"""Faults that are put into the product, to see whether the evals find them."""
