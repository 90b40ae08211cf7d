from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import EmbeddedServers
from tests.faults.site import Site


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("faults")
    with EmbeddedServers(folder / "servers") as servers:
        site = Site(servers, folder)
        site.build()
        yield site
        site.stop()


@pytest.fixture
def site(built_site: Site) -> Site:
    built_site.reset()
    return built_site
