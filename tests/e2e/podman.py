"""Podman behind its Docker API, as root, in a namespace of its own as `daemon` has it, with its own store and
networks."""

from __future__ import annotations

import os
import shutil

from tests.e2e import daemon
from tests.e2e.engine import Engine
from tests.e2e.image import server_image

CONFIGURATION = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[network]
network_backend = "cni"
network_config_dir = "{directory}/networks"
cni_plugin_dirs = ["/usr/lib/cni"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
compat_api_enforce_docker_hub = false
"""


class Podman(daemon.Daemon):
    """`podman system service`. Layers are whole copies (vfs): an overlay does not lie on every file system."""

    def command(self) -> list[str]:
        configuration = self.directory / "containers.conf"
        configuration.write_text(CONFIGURATION.format(directory=self.directory))
        places = [f"--root={self.directory}/data", f"--runroot={self.directory}/run", "--storage-driver=vfs"]
        service = ["podman", *places, "system", "service", "--time=0", self.url]
        return ["env", f"CONTAINERS_CONF={configuration}", *service]


def can_run() -> bool:
    """Whether Podman can be started here: root, podman, iproute2 and util-linux."""
    return os.geteuid() == 0 and all(shutil.which(tool) for tool in ("podman", "ip", "nsenter"))


def new_podman() -> Engine:
    """A Podman of its own. RuntimeError where it does not start."""
    private = Podman()
    return Engine(url=private.url, private=private)


def image_of(engine: Engine) -> str:
    """The id of the test server's image: Podman forgets the tag that an import asks for."""
    server_image(engine.client)
    return str(engine.client.images.list()[0].id)
