"""A render imports what it needs, and no more: the rest would take longer than the render."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COMPOSE = "services: {shop: {image: x, labels: {fairway.host: shop.example.com, fairway.port: '80'}}}"
PROGRAM = """
import sys
from gen.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(("proxy", "other"), [("nginx", "haproxy"), ("haproxy", "nginx")])
def test_a_render_of_a_compose_file_imports_one_proxy_and_neither_engine_nor_certificates(
    proxy: str, other: str, tmp_path: Path
) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE)
    ways = ["--proxy", proxy, "--directory", str(tmp_path / "none")]
    argv = [sys.executable, "-c", PROGRAM, "render", "-f", str(file), *ways, "--set", "control=none"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120)
    assert "shop_example_com" in done.stdout
    imported = set(done.stderr.split())
    assert f"gen.proxies.{proxy}" in imported
    assert not {f"gen.proxies.{other}", "docker", "cryptography", "gen.picture"} & imported
