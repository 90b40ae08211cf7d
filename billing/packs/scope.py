"""Whose rows a person may bring in; a foreign row looks like one that does not exist."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from portal.access import Role
from services.models import Agreement, Provider

WRITERS = (Role.CLERK, Role.ACCOUNTANT, Role.REGION_ADMIN)


class Scope:
    """The communities in which a person may write; without a person, all of them."""

    def __init__(self, by: Any = None) -> None:
        self.by = by
        self.is_whole = by is None or by.is_superuser
        self.seen_providers: set[str] = set()
        self.own_providers: set[str] = set()

    def may_write(self, code: str | None) -> bool:
        return self.is_whole or (code is not None and self.by.holds(code, *WRITERS))

    def look_at_providers(self, refs: set[str]) -> None:
        """Note which of these providers the person sees, and which work nowhere else."""
        if self.is_whole or not refs:
            return
        named = Provider.objects.filter(ref__in=refs)
        self.seen_providers = set(
            Provider.objects.visible_to(self.by, *WRITERS).filter(ref__in=refs).values_list("ref", flat=True)
        )
        places: dict[str, set[str]] = defaultdict(set)
        at_work = Agreement.objects.filter(provider__in=named.values("pk"))
        for ref, code in at_work.values_list("provider__ref", "community_id").distinct():
            places[ref].add(code)
        self.own_providers = {
            ref for ref in self.seen_providers if all(self.may_write(code) for code in places[ref])
        }

    def sees_provider(self, ref: str) -> bool:
        return self.is_whole or ref in self.seen_providers

    def owns_provider(self, ref: str) -> bool:
        return self.is_whole or ref in self.own_providers

    @cached_property
    def home(self) -> str | None:
        """Where a provider is registered whom this person brings in."""
        if self.is_whole:
            return None
        roles = self.by.access_roles.filter(role__in=WRITERS).order_by("region_id")
        return next((role.region_id for role in roles if self.may_write(role.region_id)), None)
