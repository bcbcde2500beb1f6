import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen.apply import Applier, Directory
from gen.proxies.nginx.commands import NginxCommands
from tests.unit.apply.fake import FakeProxy


@pytest.fixture
def proxy() -> Iterator[FakeProxy]:
    """On a short path: a unix socket has room for little more than a hundred bytes."""
    path = Path(tempfile.mkdtemp(prefix="fairway-"))
    proxy = FakeProxy(path=path)
    yield proxy
    proxy.stop()
    shutil.rmtree(path)


@pytest.fixture
def directory(proxy: FakeProxy) -> Directory:
    return Directory(proxy.path)


@pytest.fixture
def applier(proxy: FakeProxy, directory: Directory) -> Applier:
    return Applier(directory, proxy, NginxCommands(), keep=2, confirm_timeout=0.1)
