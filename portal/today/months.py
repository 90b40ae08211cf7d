"""How far the month is: step by step for a few communities, in numbers for many."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from billing.models import CloseState, MonthClose
from billing.workbench.place import ENTERING
from billing.workbench.progress import Progress, progress
from facilities.models import Community
from portal.access import STAFF_ROLES
from portal.months import Month

A_FEW = 5


@dataclass(frozen=True, slots=True)
class MonthState:
    """What is known of the month in some communities, asked once: closes and, where wanted, inputs."""

    month: Month
    mine: dict[str, str]
    closes: list[MonthClose]
    steps: dict[str, Progress]

    @classmethod
    def load(cls, user: Any, month: Month, mine: dict[str, str]) -> "MonthState":
        rows = MonthClose.objects.filter(
            ~Q(state=CloseState.POSTED) | Q(month=str(month)), community__in=mine
        )
        closes = list(rows.select_related("community").order_by("month", "community"))
        posted = {one.community_id for one in closes if one.state == CloseState.POSTED}
        entering = [code for code in mine if code not in posted and user.holds(code, *ENTERING)]
        codes = list(mine) if len(mine) <= A_FEW else entering
        return cls(month, mine, closes, progress(month, codes) if codes else {})

    def is_posted(self, code: str) -> bool:
        return self.state_of(code) == CloseState.POSTED

    def state_of(self, code: str) -> str:
        here = (one for one in self.closes if (one.community_id, one.month) == (code, str(self.month)))
        return next((str(one.state) for one in here), "open")


@dataclass(frozen=True, slots=True)
class CommunityProgress:
    """One community: its inputs and the state of its month."""

    name: str
    href: str
    steps: Progress
    state: str


@dataclass(frozen=True, slots=True)
class HowFar:
    """Either a few communities one by one, or how many are in which state."""

    few: list[CommunityProgress]
    states: list[tuple[str, int, str]]
    total: int


def how_far(user: Any, state: MonthState, *, has_more: bool) -> HowFar:
    if state.mine and len(state.mine) <= A_FEW:
        return HowFar([_one(state, code) for code in state.mine], [], len(state.mine))
    counts, total = _counts(user, state.month) if has_more else _counted(state)
    counts["open"] = total - sum(counts.values())
    books = f"{reverse('admin:books')}?month={state.month}"
    states = [
        (name, counts[name], books if name == "open" else f"{books}&state={name}")
        for name in ("blocked", "open", "draft", "notice", "posted")
        if counts.get(name)
    ]
    return HowFar([], states, total)


def _counts(user: Any, month: Month) -> tuple[dict[str, int], int]:
    closes = MonthClose.objects.visible_to(user, *STAFF_ROLES).filter(month=str(month)).order_by()
    total = Community.objects.visible_to(user, *STAFF_ROLES).count()
    return dict(closes.values_list("state").annotate(Count("pk"))), total


def _counted(state: MonthState) -> tuple[dict[str, int], int]:
    here = Counter(str(one.state) for one in state.closes if one.month == str(state.month))
    return dict(here), len(state.mine)


def _one(state: MonthState, code: str) -> CommunityProgress:
    href = reverse("admin:books_month", args=[code, str(state.month)])
    return CommunityProgress(state.mine[code], href, state.steps[code], state.state_of(code))
