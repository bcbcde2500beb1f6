"""Ask the proxy's own binary what it can do, and remember the answer as long as the binary stays the same."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gen.apply.directory import Directory, reporting
from gen.control.protocol import Control
from gen.proxies.commands import Commands, Layout, Probe

_PROBE_SECONDS = 10.0


def capabilities(
    directory: Directory,
    control: Control,
    commands: Commands,
    *,
    probes: Sequence[Probe],
    modules: tuple[str, ...] = (),
) -> frozenset[str] | None:
    """The names of the probes that the binary passes, with these `modules` loaded. None where nothing can be run.

    Remembered in `run/capabilities.json`. Raises ProxyError when the binary is missing.
    """
    directory.prepare()
    memory = Path(directory.layout.run / "capabilities.json")
    identity = control.identity(commands.binary)
    texts = {probe.name: probe.config(Layout(root=control.root).run / "probe.sock", modules) for probe in probes}
    key = hashlib.sha256(json.dumps([identity, texts], sort_keys=True).encode()).hexdigest()
    if identity and (known := _recall(memory, key)) is not None:
        return known
    found = _probe(directory, control, commands, probes=probes, texts=texts)
    if found is not None and identity:
        with reporting(memory):
            memory.write_text(json.dumps({"key": key, "capabilities": sorted(found)}) + "\n")
    return found


def _probe(
    directory: Directory, control: Control, commands: Commands, *, probes: Sequence[Probe], texts: dict[str, str]
) -> frozenset[str] | None:
    """All at once: each is a few milliseconds of another process."""
    with reporting(Path(directory.layout.run)):
        scratch = Path(tempfile.mkdtemp(prefix="probe-", dir=directory.layout.run))
    inside = Layout(root=control.root)

    def passes(probe: Probe) -> bool | None:
        file = scratch / f"{probe.name}.conf"
        file.write_text(texts[probe.name])
        argv = commands.check(inside.run / scratch.name / file.name, inside)
        completed = control.run(argv, timeout=_PROBE_SECONDS)
        return None if completed is None else probe.is_supported(completed.returncode, completed.stderr)

    try:
        scratch.chmod(0o755)
        with ThreadPoolExecutor(max_workers=len(probes)) as pool:
            results = tuple(pool.map(passes, probes))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if None in results:
        return None
    return frozenset(probe.name for probe, passed in zip(probes, results, strict=True) if passed)


def remembered(directory: Directory) -> frozenset[str] | None:
    """What was found last, whichever binary that was; None where nobody asked yet. For who cannot ask it himself."""
    return _recall(Path(directory.layout.run / "capabilities.json"))


def _recall(memory: Path, key: str = "") -> frozenset[str] | None:
    """What is remembered; with a key, for that one."""
    try:
        known = json.loads(memory.read_text())
        return frozenset(known["capabilities"]) if key in ("", known["key"]) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
