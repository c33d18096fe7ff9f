"""How the claim verifier's model is made and measured: data, training, export, calibration, figures.

Needs torch (see `requirements.txt` in this folder); the product doesn't. `README.md` has the commands.
"""
