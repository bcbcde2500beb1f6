"""Certificates: each with its names and dates, and what lies there and cannot be used."""

from __future__ import annotations

import time
from collections.abc import Iterator

from gen.errors import SettingsError
from gen.explain.finding import Finding
from gen.settings import Settings
from gen.sources.certificates import CertificateDirectory


def certificates(settings: Settings, now: float) -> Iterator[Finding]:
    """What the operator's directory holds. `now`: UTC seconds since 1970."""
    if not settings.certificates:
        if any(listen.tls for listen in settings.listeners):
            found = "the setting certificates names no directory: nobody is served over TLS"
            yield Finding(level="ok", about="certificates", found=found)
        return
    try:
        found_here, problems = CertificateDirectory(settings.certificates).read(now)
    except SettingsError as error:
        yield Finding(level="fail", about="certificates", found=str(error), hint=error.hint)
        return
    for problem in problems:
        level = "fail" if problem.severity == "error" else "warn"
        yield Finding(level=level, about="certificates", found=str(problem))  # type: ignore[arg-type]
    for one in found_here:
        until = time.strftime("%Y-%m-%d", time.gmtime(one.not_after))
        found = f"{one.name} is for {', '.join(one.names)}, until {until}"
        if one.is_valid(now):
            yield Finding(level="ok", about="certificates", found=found)
        else:
            hint = "is this machine's clock right?"
            yield Finding(level="fail", about="certificates", found=f"{found}, and not valid now", hint=hint)
    if not found_here and not problems:
        yield Finding(level="warn", about="certificates", found=f"{settings.certificates} holds no certificate")
