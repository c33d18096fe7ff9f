"""Runs and comparisons as files to look at: a page, a summary for a pull request, XML for CI."""
