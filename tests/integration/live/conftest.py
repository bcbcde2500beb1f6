from collections.abc import Iterator

import pytest

from tests.integration.haproxy.site import HAPROXIES
from tests.integration.live.site import Site, running_site
from tests.support.servers import Servers


@pytest.fixture(params=HAPROXIES.values(), ids=list(HAPROXIES))
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with running_site(request.param) as running:
        yield running


@pytest.fixture
def servers() -> Iterator[Servers]:
    with Servers() as opened:
        yield opened
