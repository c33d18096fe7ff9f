"""Answers worded by a language model, under the same checks: prompts, calls, replies, what of them is shown."""
