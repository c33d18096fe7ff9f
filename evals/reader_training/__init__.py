"""How the reader's network is made: data, training, calibration, export.

`python -m evals.reader_training` needs torch (see `rag/reader_model/MODEL_CARD.md`); the product doesn't.
"""
