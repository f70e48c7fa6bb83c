"""Disputes with a known cause, judged by this package and by what is done today."""
