"""PCRE2 itself, the engine of nginx and HAProxy: matching with a limit of steps, interpreted or compiled (JIT)."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import lru_cache
from typing import Any

_NO_MATCH, _MATCH_LIMIT, _JIT_STACK = -1, -47, -46
_JIT_COMPLETE = 1
_NO_START_OPTIMIZE = 0x10000
"""So that no byte that is nowhere in the subject ends the search before it begins: only what it takes is measured."""


class Gave(Exception):
    """The engine gave up: by its limit of steps, or because its stack was used up."""


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("pcre2-8")
    assert name, "libpcre2-8 is not there, which nginx and HAProxy are linked with"
    library = ctypes.CDLL(name)
    pointer = ctypes.c_void_p
    for function in ("compile", "match_data_create", "match_context_create"):
        getattr(library, f"pcre2_{function}_8").restype = pointer
    library.pcre2_compile_8.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint32,
        ctypes.POINTER(ctypes.c_int),
        ctypes.POINTER(ctypes.c_size_t),
        pointer,
    ]
    library.pcre2_match_data_create_8.argtypes = [ctypes.c_uint32, pointer]
    library.pcre2_match_context_create_8.argtypes = [pointer]
    library.pcre2_set_match_limit_8.argtypes = [pointer, ctypes.c_uint32]
    library.pcre2_jit_compile_8.argtypes = [pointer, ctypes.c_uint32]
    of_match: list[Any] = [
        pointer,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_size_t,
        ctypes.c_uint32,
        pointer,
        pointer,
    ]
    library.pcre2_match_8.argtypes = of_match
    library.pcre2_jit_match_8.argtypes = of_match
    for function in ("code", "match_data", "match_context"):
        getattr(library, f"pcre2_{function}_free_8").argtypes = [pointer]
    return library


class Pcre:
    """One pattern. `jit`: as HAProxy runs it, with the stack of 32 KiB; else as nginx does."""

    def __init__(self, pattern: str, *, jit: bool = False) -> None:
        self.library = _library()
        error, offset = ctypes.c_int(), ctypes.c_size_t()
        text = pattern.encode()
        options = 0 if jit else _NO_START_OPTIMIZE
        places = ctypes.byref(error), ctypes.byref(offset)
        self.code = self.library.pcre2_compile_8(text, len(text), options, *places, None)
        assert self.code, f"PCRE2 refuses {pattern!r} at {offset.value}: error {error.value}"
        assert not jit or self.library.pcre2_jit_compile_8(self.code, _JIT_COMPLETE) == 0
        self.run = self.library.pcre2_jit_match_8 if jit else self.library.pcre2_match_8
        self.data = self.library.pcre2_match_data_create_8(1, None)
        self.context = self.library.pcre2_match_context_create_8(None)

    def found(self, subject: bytes, *, limit: int = 10_000_000) -> bool:
        """Whether it is found within so many steps. Raises Gave."""
        self.library.pcre2_set_match_limit_8(self.context, limit)
        answer = self.run(self.code, subject, len(subject), 0, 0, self.data, self.context)
        if answer in (_MATCH_LIMIT, _JIT_STACK):
            raise Gave("limit" if answer == _MATCH_LIMIT else "stack")
        assert answer >= _NO_MATCH, answer
        return bool(answer >= 0)

    def close(self) -> None:
        self.library.pcre2_code_free_8(self.code)
        self.library.pcre2_match_data_free_8(self.data)
        self.library.pcre2_match_context_free_8(self.context)
