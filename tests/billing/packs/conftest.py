import pytest

from tests.billing.packs.making import HUANGHE, LIYUAN
from tests.factories.places import CategoryFactory, RegionFactory


@pytest.fixture(autouse=True)
def _ground(db: None) -> None:
    CategoryFactory()
    for code in (HUANGHE, LIYUAN):
        RegionFactory(code=code)
