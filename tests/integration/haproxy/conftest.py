from collections.abc import Iterator

import pytest

from tests.integration.haproxy.site import HAPROXIES, Site, running_site


@pytest.fixture(params=list(HAPROXIES.values()), ids=list(HAPROXIES))
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with running_site(request.param) as running:
        yield running
