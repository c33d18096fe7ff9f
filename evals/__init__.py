"""Benchmarks and evaluation of answers."""
