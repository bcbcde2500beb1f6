"""Garbage: what the first pass took, given back to the system, and what is remembered out of the collector's rounds."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress


def settle() -> None:
    """Takes what is remembered out of the garbage collector's rounds: frozen values have no cycles, and looking
    through those of ten thousand workloads takes longer than an update."""
    gc.collect()
    gc.freeze()
    _give_back()


def _give_back() -> None:
    """Returns to the system what the first pass took beyond what is remembered; glibc keeps it, others have no need."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
