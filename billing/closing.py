"""Close months (billing-rules 6): compute, publish, confirm, post; each month is posted once.

A batch of communities is one transaction on one snapshot: lock the months, load, compute, write. Whoever
comes second finds the month posted, or starts over when what it read has changed meanwhile.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from billing import rollups
from billing.blocks import Block
from billing.books import Chain, Prices
from billing.collecting import uncollected
from billing.columns import among
from billing.computing import compute
from billing.copying import Keys, behind
from billing.hands import has_entered
from billing.loading import load
from billing.loading.chains import load_chains
from billing.models import CloseState, MonthClose, Objection
from billing.posting import Ledger
from billing.reminders import missing
from billing.review import BLOCKS, Finding
from billing.telling import tell_notice
from billing.timely import expect_over
from billing.turns import turn
from billing.writing import Claim, mark_taken, write_audit, write_results, write_states
from facilities.models import Community
from portal import audit
from portal.errors import Refused
from portal.months import Month

ATTEMPTS = 8
FIRST_STEP = 16  # communities, at least, computed before the first rows are on their way
MOST_STEPS, STEPS_TOGETHER = 8, 45  # each half as large again as the one before: so many firsts at least
CHANGED_MEANWHILE = {"40001", "40P01"}  # serialization failure, deadlock: nothing was written, try again

MISSING_CLOSES = """
    INSERT INTO billing_monthclose (community_id, month, state, version, blocks, digest, last_entry)
    SELECT code, %(month)s, 'draft', 0, '[]', '', 0 FROM unnest(%(codes)s::text[]) AS code
    ON CONFLICT DO NOTHING
"""

STATE_COLUMNS = {
    "state": "text",
    "version": "int",
    "blocks": "jsonb",
    "digest": "text",
    "last_entry": "int",
    "drafted_by_id": "bigint",
    "drafted_at": "timestamptz",
    "confirmed_by_id": "bigint",
    "notice_from": "date",
    "notice_until": "date",
    "posted_at": "timestamptz",
}


class Goal(models.TextChoices):
    """How far a run may take a month."""

    DRAFT = "draft", _("只算草稿")
    DUE = "due", _("到期的入账")
    POST = "post", _("算完入账")


class MonthRefused(Refused):
    """A step of a month that its state or its people do not allow."""


class Incomplete(MonthRefused):
    """A confirmation of a month that lacks something, by who has not said to confirm it all the same."""

    def __init__(self, lacking: Sequence[Finding]) -> None:
        super().__init__(
            _("这个月还缺 %d 项，没有确认。请先补齐；确定不等的，写明仍要确认入账。") % len(lacking)
        )
        self.lacking = lacking


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one community's month."""

    code: str
    state: str
    blocks: list[Block] = field(default_factory=list)
    notice_until: dt.date | None = None

    def as_data(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "state": self.state,
            "blocks": [block.as_data() for block in self.blocks],
            "notice_until": self.notice_until and self.notice_until.isoformat(),
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Outcome":
        until = data["notice_until"]
        blocks = [Block.from_data(block) for block in data["blocks"]]
        return cls(data["code"], data["state"], blocks, until and dt.date.fromisoformat(until))


def close_batch(month: str, codes: Sequence[str], *, goal: str = Goal.POST, by: Any = None) -> list[Outcome]:
    """Take the month of these communities as far as the goal and their state allow.

    Raises OperationalError when others kept changing what was read, or the database is away;
    nothing is written then.
    """
    for attempt in range(ATTEMPTS):
        try:
            with turn(codes), uncollected(), transaction.atomic():
                return _close(Month.parse(month), sorted(codes), Goal(goal), by)
        except OperationalError as error:
            state = getattr(error.__cause__, "pgcode", None)
            if state not in CHANGED_MEANWHILE or attempt == ATTEMPTS - 1 or connection.in_atomic_block:
                raise
    raise AssertionError("unreachable")


def draft(month: str, codes: Sequence[str], *, by: Any = None) -> list[Outcome]:
    """Compute a new version of these months; one under notice stays there if nothing changed."""
    return close_batch(month, codes, goal=Goal.DRAFT, by=by)


def _close(month: Month, codes: list[str], goal: Goal, by: Any) -> list[Outcome]:
    _begin_snapshot()
    chains = load_chains(month, codes)
    outcomes, ready = _gate(month, chains)
    claims = _claim(month, ready)
    claimed = {claim.code for claim in claims}
    outcomes += [Outcome(code, CloseState.POSTED) for code in ready if code not in claimed]
    books, prices = load(month, {code: chains[code] for code in sorted(claimed)})
    for claim, one in zip(claims, books, strict=True):
        claim.books = one
    sharing_keys = Keys("billing_billsharing", sum(one.sharings for one in books))
    ledger = Ledger.open(month, [] if goal == Goal.DRAFT else books)
    changed: list[Claim] = []
    with behind():
        for step in _steps(claims):
            for claim in step:
                _compute(month, claim, prices)
            decided = _decide(step, goal, by)
            write_results(month, decided, sharing_keys)
            ledger.write(month, [claim for claim in decided if claim.state == CloseState.POSTED])
            changed += decided
    _record(month, changed, by)
    outcomes += [Outcome(one.code, one.state, one.blocks, one.notice_until) for one in claims]
    return sorted(outcomes, key=lambda one: one.code)


def _steps(claims: Sequence[Claim]) -> Iterator[Sequence[Claim]]:
    """Part the communities into steps, each computed while the rows of the one before it are written.

    PostgreSQL takes half as long again over a community as Python: it starts soon and is never without work.
    However large the batch is, the steps, and so the statements, are no more than a few.
    """
    first, size = 0, max(FIRST_STEP, -(-len(claims) // STEPS_TOGETHER))
    while first < len(claims):
        yield claims[first : first + size]
        first, size = first + size, size + size // 2


def _compute(month: Month, claim: Claim, prices: Prices) -> None:
    result = compute(month, claim.books, prices)
    if isinstance(result, list):
        claim.blocks = result
    else:
        claim.result = result


def _begin_snapshot() -> None:
    """All queries of a batch see one state of the database, unless the caller's transaction began before.

    Foreign keys are checked with each COPY, while the next rows are made, rather than all at the end.
    """
    connection.ensure_connection()
    if connection.connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET CONSTRAINTS ALL IMMEDIATE")


def _gate(month: Month, chains: dict[str, Chain]) -> tuple[list[Outcome], list[str]]:
    """Part those whose turn it is from those posted already or waiting for an earlier month (6.1)."""
    text, outcomes, ready = str(month), [], []
    for code, chain in chains.items():
        if not chain.next or chain.next == text:
            ready.append(code)
        elif chain.first <= text <= chain.posted:
            outcomes.append(Outcome(code, CloseState.POSTED))
        else:
            outcomes.append(Outcome(code, CloseState.BLOCKED, [_out_of_turn(code, chain, text)]))
    return outcomes, ready


def _out_of_turn(code: str, chain: Chain, text: str) -> Block:
    if text < chain.first:
        return Block("before_first_month", "community", code, {"first": chain.first})
    return Block("earlier_month_open", "community", code, {"earlier": chain.next})


def _claim(month: Month, codes: list[str]) -> list[Claim]:
    """Lock the months, making those that are missing; posted ones drop out (6.4)."""
    communities = Community.objects.filter(among("region_id", codes)).order_by("region_id")
    list(communities.select_for_update(no_key=True).values_list("pk"))  # inputs being changed come first
    with connection.cursor() as cursor:
        cursor.execute(MISSING_CLOSES, {"month": str(month), "codes": codes})
    rows = (
        MonthClose.objects.filter(among("community_id", codes), month=str(month))
        .exclude(state=CloseState.POSTED)
        .order_by("community_id")
        .select_for_update(of=("self",))
    )
    is_objected = Exists(Objection.objects.open().filter(close=OuterRef("pk")))
    return [
        Claim(*row)
        for row in rows.values_list(
            "pk",
            "community_id",
            "state",
            "version",
            "digest",
            "community__notice_days",
            is_objected,
            "drafted_by_id",
            "drafted_at",
            "confirmed_by_id",
            "notice_from",
            "notice_until",
            "blocks",
        )
    ]


def _decide(claims: Iterable[Claim], goal: Goal, by: Any) -> list[Claim]:
    """Say what each month becomes; return those that change."""
    today, now = timezone.localdate(), timezone.now()
    changed = []
    for claim in claims:
        before = claim.state
        claim.state = _next_state(claim, goal, today)
        if before == claim.state and _stays(claim, by):
            continue
        if claim.state == CloseState.NOTICE:
            claim.notice_from = today
            claim.notice_until = today + dt.timedelta(days=claim.notice_days - 1)
        keeps_draft = claim.state == CloseState.POSTED and claim.is_unchanged
        if not keeps_draft:
            claim.drafted_by_id = by.pk if by else claim.drafted_by_id
            claim.drafted_at, claim.confirmed_by_id = now, None
        if claim.state in (CloseState.DRAFT, CloseState.BLOCKED):
            claim.notice_from = claim.notice_until = None
        claim.posted_at = now if claim.state == CloseState.POSTED else None
        changed.append(claim)
    return changed


def _stays(claim: Claim, by: Any) -> bool:
    """Nothing is to be written: a notice goes on, and what the clock drafts anew came out as it was."""
    if claim.state == CloseState.NOTICE:
        return claim.is_unchanged
    return by is None and (claim.is_unchanged or claim.is_blocked_as_before)


def _next_state(claim: Claim, goal: Goal, today: dt.date) -> str:
    """The state a month gets, by the goal, its people, its notice and what was objected (6.3)."""
    if claim.blocks:
        return CloseState.BLOCKED
    in_notice = claim.state == CloseState.NOTICE and claim.is_unchanged
    if goal == Goal.DRAFT or claim.is_objected:
        return CloseState.NOTICE if in_notice else CloseState.DRAFT
    was_heard = claim.notice_days == 0 or (in_notice and claim.notice_until and today > claim.notice_until)
    if goal == Goal.POST:
        return CloseState.POSTED if was_heard else CloseState.NOTICE
    if claim.is_unchanged and claim.confirmed_by_id and was_heard:
        return CloseState.POSTED
    return CloseState.NOTICE if in_notice else CloseState.DRAFT


def _record(month: Month, claims: Sequence[Claim], by: Any) -> None:
    """Say of each month what it is now, and of its inputs that it has taken them."""
    mark_taken([claim for claim in claims if claim.state == CloseState.POSTED])
    for claim in claims:
        claim.changes = {
            "state": claim.state,
            "version": claim.version + 1,
            "blocks": json.dumps([block.as_data() for block in claim.blocks]),
            "digest": claim.result.digest if claim.result else "",
            "last_entry": claim.last_entry,
            "drafted_by_id": claim.drafted_by_id,
            "drafted_at": claim.drafted_at,
            "confirmed_by_id": claim.confirmed_by_id,
            "notice_from": claim.notice_from,
            "notice_until": claim.notice_until,
            "posted_at": claim.posted_at,
        }
    write_states(claims, STATE_COLUMNS)
    write_audit(claims, month, by and by.pk)


@transaction.atomic
def publish(close: MonthClose, *, by: Any) -> None:
    """Show a draft to everyone for the community's notice days."""
    close = _locked(close)
    days = close.community.notice_days
    if close.state != CloseState.DRAFT:
        raise MonthRefused(_("只有草稿可以公示；这个月现在是“%s”。") % close.get_state_display())
    if days == 0:
        raise MonthRefused(_("这个社区的公示天数是 0，不用公示，请直接确认入账。"))
    close.state = CloseState.NOTICE
    close.notice_from = timezone.localdate()
    close.notice_until = close.notice_from + dt.timedelta(days=days - 1)
    close.save(update_fields=["state", "notice_from", "notice_until"])
    audit.record("month.published", close, by=by)
    tell_notice(close)


@transaction.atomic
def withdraw(close: MonthClose, *, by: Any) -> None:
    """Take a notice back: the month is a draft again, and a later notice starts anew."""
    close = _locked(close)
    if close.state != CloseState.NOTICE:
        raise MonthRefused(_("只有公示中的月份可以撤回；这个月现在是“%s”。") % close.get_state_display())
    close.state, close.confirmed_by = CloseState.DRAFT, None
    close.notice_from = close.notice_until = None
    close.save(update_fields=["state", "confirmed_by", "notice_from", "notice_until"])
    audit.record("month.withdrawn", close, by=by)


def confirm(close: MonthClose, *, by: Any, though_incomplete: bool = False) -> Outcome:
    """Approve a month, never one's own draft nor own entries; it is posted at once or when its notice has passed.

    One that lacks something only by who says so: what the clock would not post is for a person to decide.
    """
    with transaction.atomic():
        locked = _locked(close)
        _expect_confirmable(locked, by)
        found = missing(close.month, [close.community_id]).get(close.community_id, [])
        lacking = [one for one in found if one.severity != BLOCKS]  # what blocks cannot be waived
        if lacking and not though_incomplete:
            raise Incomplete(lacking)
        locked.confirmed_by = by
        locked.save(update_fields=["confirmed_by"])
        audit.record("month.confirmed", locked, by=by, lacking=[f"{one.kind} {one.ref}" for one in lacking])
    (outcome,) = close_batch(close.month, [close.community_id], goal=Goal.DUE)
    if outcome.state == CloseState.POSTED:
        rollups.build_region_months(close.month, close.community_id[: rollups.PROVINCE])
    return outcome


def _expect_confirmable(close: MonthClose, by: Any) -> None:
    expect_over(Month.parse(close.month))
    may_confirm = close.state == CloseState.NOTICE or (
        close.state == CloseState.DRAFT and close.community.notice_days == 0
    )
    if not may_confirm:
        raise MonthRefused(_("先公示草稿，再确认；这个月现在是“%s”。") % close.get_state_display())
    if close.drafted_by_id == by.pk:
        raise MonthRefused(_("不能确认自己起草的月份，请另一位审批人来确认。"))
    if has_entered(close, by):
        raise MonthRefused(_("这个月有您录入的数据，请另一位审批人来确认。"))


def recheck(codes: Iterable[str], *, by: Any = None) -> list[Outcome]:
    """After inputs changed: a month under notice whose figures are others now is a draft again."""
    waiting = MonthClose.objects.filter(community__in=set(codes), state=CloseState.NOTICE)
    by_month: dict[str, list[str]] = {}
    for month, code in waiting.values_list("month", "community_id"):
        by_month.setdefault(month, []).append(code)
    return [one for month, found in sorted(by_month.items()) for one in draft(month, found, by=by)]


def due_for_posting(today: dt.date) -> dict[str, list[str]]:
    """Return the months that are over, with their communities, that were confirmed and whose notice has passed."""
    found: dict[str, list[str]] = {}
    rows = MonthClose.objects.filter(
        Q(state=CloseState.NOTICE, notice_until__lt=today)
        | Q(state=CloseState.DRAFT, community__notice_days=0),
        confirmed_by__isnull=False,
        month__lt=str(Month.of(today)),
    ).order_by("month", "community_id")
    for month, code in rows.values_list("month", "community_id"):
        found.setdefault(month, []).append(code)
    return found


def _locked(close: MonthClose) -> MonthClose:
    return MonthClose.objects.select_for_update(of=("self",)).select_related("community").get(pk=close.pk)
