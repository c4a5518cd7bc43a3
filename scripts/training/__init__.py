"""Trains the detectors that ship: from labelled pictures to ONNX weights with their manifest.

Needs the extra ``[train]``; nothing of it is imported at run time.
"""
