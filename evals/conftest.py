"""`pytest evals`: every eval case is a test of its own; see `pytest_cases`."""

from evals.pytest_cases import pytest_addoption, pytest_collect_file

__all__ = ["pytest_addoption", "pytest_collect_file"]
