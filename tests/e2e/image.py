"""Images without a registry: a root file system out of this machine's own files, named by its content.

In: a Docker client. Out: the tag of an image that holds the test server with a Python, or one of the proxies.
A tag that exists is used as it is, so an image is built once per machine and content.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath

import docker

SERVER = Path(__file__).with_name("server.py")
# Nothing of these is needed to serve HTTP; without them the image is a third of the size.
LEFT_OUT = frozenset(
    {"__pycache__", "dist-packages", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "site-packages"}
    | {"test", "tests", "tkinter", "turtledemo"}
)
UNUSED = ("_tkinter.", "_test", "_sqlite3.", "_curses", "_dbm.", "_gdbm.", "readline.", "nis.")
"""Extension modules that bring libraries and that nothing here imports."""
ETC = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}
NGINX_DIRECTORIES = ("var/lib/nginx", "var/log/nginx", "run", "etc/nginx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A root file system: where each file comes from, texts, and empty directories; paths without leading slash."""

    repository: str
    files: tuple[tuple[str, Path], ...]
    directories: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """Name and content hash; of large files the size and time stand for the content."""
        digest = hashlib.sha256(repr((self.changes, self.directories, sorted(ETC.items()))).encode())
        for name, path in self.files:
            seen = path.stat()
            content = path.read_bytes() if path == SERVER else f"{seen.st_size} {seen.st_mtime_ns}".encode()
            digest.update(f"{name}\0{path}\0".encode() + content)
        return f"{self.repository}:{digest.hexdigest()[:16]}"


def server_image(client: docker.DockerClient) -> str:
    """The tag of an image whose command is the test server on port 8080."""
    return ensure(client, python_root())


def proxy_image(client: docker.DockerClient, proxy: str) -> str:
    """An image with this machine's nginx or haproxy as its command. FileNotFoundError where there is none."""
    return ensure(client, {"nginx": nginx_root, "haproxy": haproxy_root}[proxy]())


@cache
def python_root() -> Root:
    """The Python that runs this, by the paths it has here, and the test server as /server.py."""
    executable = Path(sys.executable).resolve()
    stdlib = Path(sysconfig.get_path("stdlib"))
    modules = tuple(path for path in _walk(stdlib) if not path.name.endswith((".a", ".pyc")))
    modules = tuple(path for path in modules if path.suffix != ".so" or not path.name.startswith(UNUSED))
    binaries = (executable, *(path for path in modules if path.suffix == ".so"))
    sources = {*modules, executable, *libraries(binaries)}
    return Root(
        repository="fairway-test",
        files=(*with_compiled(in_place(sources)), ("server.py", SERVER)),
        directories=("tmp",),
        changes=(
            f'ENTRYPOINT ["{executable}", "-I", "-B", "/server.py"]',
            f"ENV LD_LIBRARY_PATH={sysconfig.get_config_var('LIBDIR') or ''}",
            "EXPOSE 8080",
        ),
    )


@cache
def nginx_root() -> Root:
    """nginx with its types and loadable modules; its configuration is mounted or copied in by the test."""
    binary = _binary("nginx")
    modules = tuple(path for path in Path("/usr/lib/nginx/modules").glob("*.so") if path.is_file())
    types = tuple(path for path in (Path("/etc/nginx/mime.types"),) if path.is_file())
    sources = {binary, *modules, *types, *libraries((binary, *modules))}
    return Root(
        repository="fairway-test-nginx",
        files=in_place(sources),
        directories=("tmp", *NGINX_DIRECTORIES),
        changes=(f'ENTRYPOINT ["{binary}", "-g", "daemon off; user root;"]', "EXPOSE 80", "EXPOSE 443"),
    )


@cache
def haproxy_root() -> Root:
    """haproxy alone; its configuration is mounted by the test."""
    binary = _binary("haproxy")
    return Root(
        repository="fairway-test-haproxy",
        files=in_place({binary, *libraries((binary,))}),
        directories=("tmp", "run"),
        changes=(f'ENTRYPOINT ["{binary}"]', "EXPOSE 80", "EXPOSE 443"),
    )


def tooled_image(client: docker.DockerClient, proxy: str) -> str:
    """The same with a shell, gzip and curl, as there are in the proxies' public images."""
    root = {"nginx": nginx_root, "haproxy": haproxy_root}[proxy]()
    curl, shell, gzip = _binary("curl"), _binary("sh"), _binary("gzip")
    tools = {curl, *libraries((curl, shell, gzip))} - {path for _, path in root.files}
    files = (*root.files, *in_place(tools), ("bin/sh", shell), ("bin/gzip", gzip), ("usr/bin/curl", curl))
    return ensure(client, replace(root, repository=f"{root.repository}-tooled", files=tuple(dict(files).items())))


def _binary(name: str) -> Path:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise FileNotFoundError(f"{name} is not installed here; an image of it is made from this machine's own")
    return Path(found).resolve()


def ensure(client: docker.DockerClient, root: Root) -> str:
    """The tag of that image, which is made where the engine does not have it."""
    tag = root.tag
    if not client.images.list(name=tag):
        repository, _, version = tag.partition(":")
        client.api.import_image_from_data(
            _archive(root), repository=repository, tag=version, changes=list(root.changes)
        )
    return tag


def _archive(root: Root) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in root.directories:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
            archive.addfile(entry)
        for name, text in ETC.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text.encode()), 0o644
            archive.addfile(entry, io.BytesIO(text.encode()))
        for name, path in root.files:
            _add_file(archive, name, path)
    return target.getvalue()


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as source:
        entry = archive.gettarinfo(arcname=name, fileobj=source)
        # A second name of a file seen before would become a hard link; here each file stands for itself.
        entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", path.stat().st_size
        entry.uid = entry.gid = 0
        entry.mode |= 0o444 | (0o111 if entry.mode & 0o100 else 0)
        archive.addfile(entry, source)


def _walk(top: Path) -> Iterator[Path]:
    for directory, names, files in os.walk(top):
        names[:] = [name for name in names if name not in LEFT_OUT and not name.startswith("config-")]
        yield from (Path(directory, name) for name in files)


def libraries(binaries: Iterable[Path]) -> set[Path]:
    """Everything the loader would load for them, the loader too, by the path under which it is looked for."""
    listed = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False).stdout
    return {Path(found) for found in re.findall(r"(?:=>\s*|^\s+)(/\S+) \(0x", listed, re.MULTILINE)}


def in_place(sources: set[Path]) -> tuple[tuple[str, Path], ...]:
    """Files by the paths that they have here."""
    return tuple((str(path).lstrip("/"), path) for path in sorted(sources))


def with_compiled(files: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    """The same files, and of modules what Python has compiled here: a container of them starts in a quarter of the
    time."""
    for name, path in files:
        yield name, path
        compiled = Path(importlib.util.cache_from_source(str(path))) if path.suffix == ".py" else None
        if compiled and compiled.is_file():
            yield str(PurePosixPath(name).parent / "__pycache__" / compiled.name), compiled
