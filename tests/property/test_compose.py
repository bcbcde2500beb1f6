"""Whatever stands in a compose file: a State or an InputError, never anything else."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from gen.errors import InputError
from gen.sources.compose import ComposeSource
from gen.state import State

WORDS = st.sampled_from(
    (
        *("", "0", "80", "99999:80", "1-3:1-2", "web", "api", "default", "service:web", "container:web", "host"),
        *("$A", "${A", "${A:?b}", "${A:-${B}}", "true", "null", "a=b", "=", "\x00", "/", "../x", "c.yaml", "1" * 5000),
    )
)
KEYS = st.sampled_from(
    (
        *("labels", "label_file", "ports", "expose", "networks", "network_mode", "extends", "profiles", "scale"),
        *("deploy", "replicas", "target", "published", "service", "file", "name", "external", "<<", "web", "api"),
    )
)
LEAVES = st.one_of(WORDS, st.text(max_size=8), st.none(), st.booleans(), st.integers(), st.floats())
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS | WORDS, inner, max_size=5)),
    max_leaves=30,
)
SERVICES = st.dictionaries(KEYS | WORDS, st.dictionaries(KEYS, TREES, max_size=6) | TREES, max_size=5)


def read(text: str) -> State | None:
    """Raises whatever is not an InputError."""
    with TemporaryDirectory() as directory:
        Path(directory, "c.yaml").write_text(text, encoding="utf-8")
        with contextlib.suppress(InputError):
            return ComposeSource(("c.yaml",), {"A": "a"}, directory=directory, project="p").read()
    return None


@settings(max_examples=300, deadline=None)
@given(services=SERVICES, networks=TREES)
def test_any_tree_under_services_is_read_or_reported(services: object, networks: object) -> None:
    state = read(json.dumps({"services": services, "networks": networks}, ensure_ascii=True))
    if state is not None:
        left_out = {problem.origin.workload for problem in state.problems if problem.severity == "error"}
        assert left_out.isdisjoint(workload.name for workload in state.workloads)
        assert list(state.workloads) == sorted(state.workloads, key=lambda workload: (workload.name, workload.id))


@settings(max_examples=100, deadline=None)
@given(document=st.dictionaries(st.sampled_from(["name", "include", "services", "networks"]), TREES))
def test_any_document_is_read_or_refused(document: object) -> None:
    read(json.dumps(document))


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("services: {web}[],\n-&*a<!|>'\"#?%~$0"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    read(text)
