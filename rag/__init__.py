"""Understanding a question, finding evidence, and answering with citations."""
