"""The source `compose`: compose files → State, without any engine.

    discovery → reading → interpolation → extends → merge → services
     paths       trees      variables in    bases in   one tree   Workloads

The rules are those of the compose specification (https://docs.docker.com/reference/compose-file/), where it leaves
room those of Docker Compose v2. A file knows no addresses: every instance answers under the name of its service.
Labels keep their text. `deploy.labels` belong to Swarm services and are not read.
"""

from gen.sources.compose.source import ComposeSource

__all__ = ["ComposeSource"]
