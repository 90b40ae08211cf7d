"""How many examples a property is tried with: few in `make test`, many in `make prove`."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

MANY = int(os.environ.get("EXAMPLES_TIMES", "1"))

# A busy machine is no fault of the rule that is tried, so no property is timed.
settings.register_profile(
    "rules", max_examples=100 * MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("rules")


def examples(number: int) -> Any:
    """Settings for a property that writes to the database; `EXAMPLES_TIMES` multiplies the examples."""
    return settings(
        max_examples=number * MANY,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
