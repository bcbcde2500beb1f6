"""A status page of worlds that a test makes, on an address of this machine, for a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.shown import Shown


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Callable[..., Shown]]:
    """`shown("haproxy")`: a page without a pass yet, closed after the test."""
    with ExitStack() as stack:
        yield lambda proxy="nginx": stack.enter_context(Shown(tmp_path, proxy))
