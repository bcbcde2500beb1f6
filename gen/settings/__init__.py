"""Settings: Fairway's own, from defaults < fairway.yml < FAIRWAY_* < flags; never from a label.

A settings file, an environment and flags come in as text; one frozen `Settings` goes out, or `SettingsError` says
which setting, where it came from, what was found and what would be right.
"""

from gen.settings.fields import NO_ENGINE, Settings
from gen.settings.loading import FILE, PREFIX, environment, load

__all__ = ["FILE", "NO_ENGINE", "PREFIX", "Settings", "environment", "load"]
