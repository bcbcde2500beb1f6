from collections.abc import Iterator

import pytest

from tests.integration.haproxy.site import BINARIES, Site, running_site


@pytest.fixture(params=list(BINARIES.values()), ids=list(BINARIES))
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with running_site(request.param) as running:
        yield running
