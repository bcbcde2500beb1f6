"""Publish, step one: the world → a release that the proxy's own check took, as the tasks of a service will read it.

It is made twice: in a directory that vanishes, where it can be checked, and with the paths that it has in the tasks.
Who was refused there is left out here too.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace

from gen.certificate import Certificate
from gen.deployment import loader, rehearsal
from gen.errors import Problem
from gen.pipeline import Certificates, Made, Pipeline
from gen.publish.pieces import Place
from gen.settings import Settings
from gen.sources.certificates import CertificateDirectory
from gen.sources.default_certificate import ensure_default
from gen.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A pass for the tasks of a service at `now`, UTC seconds since 1970, with all certificates that it could name.
    `was_checked` is False where no binary could be asked."""

    made: Made
    certificates: tuple[Certificate, ...]
    was_checked: bool
    now: float


def release(settings: Settings, state: State, at: Place) -> Release:
    """Raises FairwayError where the proxy refuses it without any workload."""
    now = time.time()
    certificates = _published(settings, at, now)
    with rehearsal(settings) as trial:
        trial.pipeline.make(state, trial.verdict if trial.can_check else None)
        pipeline = Pipeline(settings, trial.pipeline.proxy, loader(settings), certificates=certificates)
        pipeline.blamed = trial.pipeline.blamed
        made = pipeline.make(state)
        return Release(made=made, certificates=pipeline.files[0], was_checked=trial.can_check, now=now)


def _published(settings: Settings, at: Place, now: float) -> Certificates:
    """The operator's certificates and a generated one, where the tasks will find them."""
    with tempfile.TemporaryDirectory(prefix="fairway-") as place:
        default = ensure_default(place, now=now)
    found, problems = CertificateDirectory(settings.certificates).read(now) if settings.certificates else ((), ())
    generated = replace(default, certificate_file=at.default_certificate, key_file=at.default_certificate)
    moved = (*(_moved(one, at) for one in found), generated)

    def answer() -> tuple[tuple[Certificate, ...], tuple[Problem, ...]]:
        return moved, problems

    return answer


def _moved(one: Certificate, at: Place) -> Certificate:
    path = at.certificate(one.name)
    return replace(one, certificate_file=path, key_file=path)
