"""Fairway: container and network state in, a running proxy that follows it out."""

__version__ = "0.1.0"
