"""Control: where a proxy's commands run. As a child of ours, beside us, in another container, or nowhere.

Argument lists and signal names come in from a proxy's `Commands`; what came of them goes out. Which of them to run,
and when, is `apply`'s business. `gen.control.container` is imported where it is needed: the engine's library takes a
quarter of a second to load.
"""

from gen.control.dry import Dry
from gen.control.local import Local
from gen.control.protocol import Completed, Control
from gen.control.supervised import Supervised

__all__ = ["Completed", "Control", "Dry", "Local", "Supervised"]
