"""How many examples a property is tried with: few in `make test`, many in `make prove`."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

MANY = int(os.environ.get("EXAMPLES_TIMES", "1"))

if MANY > 1:
    settings.register_profile("prove", max_examples=100 * MANY, deadline=None)
    settings.load_profile("prove")


def examples(number: int) -> Any:
    """Settings for a property that writes to the database; `EXAMPLES_TIMES` multiplies the examples."""
    return settings(
        max_examples=number * MANY,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
