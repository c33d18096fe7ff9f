"""The embedders themselves; `rag.embedding` chooses among them by name."""
