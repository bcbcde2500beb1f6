"""Which tests run one after another in one process, so that what they share is made once: by the beginnings of files.

The plugin's own way, a marker, names tests by what pytest does not ask for any more; so files are named here.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    "tests/e2e/test_image",
    "tests/e2e/test_swarm.py",
    "tests/e2e/test_swarm_each_node",
    "tests/e2e/test_swarm_nodes",
    "tests/e2e/test_swarm_publish",
    "tests/integration/browser/",
    "tests/integration/package/",
)
ENGINE = "tests/e2e/"


class Together(LoadScopeScheduling):  # type: ignore[misc]  # the plugin is not typed
    """Hands whole groups to workers, the largest first, and each other test alone. `is_engine_shared`: one that
    answers here is used by all, and what one test makes another would see."""

    is_engine_shared = False

    def _split_scope(self, nodeid: str) -> str:
        if self.is_engine_shared and nodeid.startswith(ENGINE):
            return ENGINE
        return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)


def scheduler(config: Any, log: Any, *, is_engine_shared: bool) -> Together:
    """For xdist's `--dist loadgroup`."""
    found = Together(config, log)
    found.is_engine_shared = is_engine_shared
    return found
