"""Apply: a bundle in, an outcome out. The only place that changes what a proxy serves.

`current` is a symlink to a release; switching it is the commit. A proxy that says that its configuration is good, and
even one that was told to reload, may go on with the old one: only its own answer counts.
"""

from gen.apply.applier import Applier
from gen.apply.directory import Directory
from gen.apply.lock import DirectoryLock
from gen.apply.outcome import Applied, CheckResult, Outcome, Refused, RolledBack, Unchanged
from gen.apply.probe import capabilities, remembered

__all__ = [
    "Applied",
    "Applier",
    "CheckResult",
    "Directory",
    "DirectoryLock",
    "Outcome",
    "Refused",
    "RolledBack",
    "Unchanged",
    "capabilities",
    "remembered",
]
