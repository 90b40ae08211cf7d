"""Write what a pack adds and changes: a few statements a table, parents before those that name them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import OuterRef, Subquery

from billing.models import BillSharing, Correction, Meter, Payment, Revenue, UtilityBill
from billing.packs.reading import Key, Values
from billing.packs.schema import TABLES, Table
from billing.packs.upserting import FOLLOWING, Shape, cell, upsert
from billing.packs.world import State, World
from facilities.models import Community
from facilities.models.regions import short_name
from services.models import Agreement

BATCH = 5_000
# What follows a row to its new community: child, how it names the row, and the row.
FOLLOWERS: tuple[tuple[str, tuple[tuple[Any, str], ...]], ...] = (
    ("facilities", ((Agreement, "facility"), (Meter, "facility"), (UtilityBill, "facility"))),
    ("agreements", ((Revenue, "agreement"), (Correction, "agreement"))),
    ("bills", ((Payment, "bill"),)),
)


def write(world: World) -> None:
    """Write every added and changed row of the pack; nothing else is touched."""
    _new_communities(world)
    writer = Writer(world)
    for table in TABLES.values():
        if table.name == "bills":  # those that take back another bill need its key first
            writer.write(table, lambda values: values["corrects"] is None)
            writer.write(table, lambda values: values["corrects"] is not None)
        else:
            writer.write(table)
    _carry_along(world)


def _new_communities(world: World) -> None:
    """A community comes into being when a row first names it."""
    named = {
        code
        for table in TABLES.values()
        for column in table.columns
        if column in ("code", "community_code")
        for _key, row in world.rows(table.name)
        if (code := row.values[column]) not in world.communities
    }
    Community.objects.bulk_create(
        [Community(region_id=code, name=short_name(world.regions[code][1])) for code in sorted(named)],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


class Writer:
    """Turns rows of the pack into rows of the database; knows the keys of what was there or is new."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pks = {
            name: {key[0]: known.pk for key, known in world.known[name].items()}
            for name, table in TABLES.items()
            if table.key == ("ref",)
        }

    def write(self, table: Table, wanted: Callable[[Values], bool] | None = None) -> None:
        rows = [
            (row.values, known)
            for _key, row, known, state in self.world.states(table.name)
            if state is not State.UNCHANGED and (wanted is None or wanted(row.values))
        ]
        if not rows:
            return
        if table.name == "agreements":  # so that two may change places
            changed = [known.pk for _values, known in rows if known]
            Agreement.objects.filter(pk__in=changed).update(space="")
        shape = Shape(table)
        lines = (self._line(shape, values) for values, _known in rows)
        found = upsert(shape, lines)
        if table.key == ("ref",):
            self.pks[table.name] |= {ref: pk for pk, ref in found}

    def _line(self, shape: Shape, values: Values) -> str:
        """One row as COPY reads it: the pack's columns, what follows from them, then the defaults."""
        cells = []
        for name, target in shape.given:
            value = values[name]
            cells.append(cell(self.pks[target][value] if target in self.pks and value is not None else value))
        cells += [cell(value) for value in self._beside(shape.table, values).values()]
        return "\t".join(cells + shape.defaults)

    def _beside(self, table: Table, values: Values) -> dict[str, Any]:
        """Columns that follow from the row, or from who brings it."""
        by = self.world.scope.by
        if table.name == "communities":
            return {"name": short_name(self.world.regions[values["code"]][1])}
        if table.name == "providers":
            return {"region_id": self.world.scope.home}
        beside: dict[str, Any] = {}
        if "community" in FOLLOWING.get(table.name, ()):
            beside["community_id"] = self.world.code_of(table.name, values)
        if table.name == "revenue":
            beside |= {"submitted_by_id": by and by.pk, "verified_by_id": None}
        return beside


def _carry_along(world: World) -> None:
    """Rows below one that went elsewhere go with it; what was computed of a bill there goes away."""
    moved: dict[str, set[Key]] = {"facilities": set(), "agreements": set(), "bills": set()}
    for table, keys in moved.items():
        keys |= set(_moved(world, table))
    refs = {table: [key[0] for key in keys] for table, keys in moved.items()}
    if refs["facilities"]:
        below = {"facility__ref__in": refs["facilities"]}
        refs["agreements"] += Agreement.objects.filter(**below).values_list("ref", flat=True)
        refs["bills"] += UtilityBill.objects.filter(**below).values_list("ref", flat=True)
    for table, followers in FOLLOWERS:
        if refs[table]:
            for model, name in followers:
                _follow(model, name, refs[table])
    if refs["bills"]:
        BillSharing.objects.filter(bill__ref__in=refs["bills"]).delete()


def _moved(world: World, table: str) -> Iterator[Key]:
    for key, row, known, state in world.states(table):
        if known and state is State.CHANGED and known.code != world.code_of(table, row.values):
            yield key


def _follow(model: Any, name: str, refs: Iterable[str]) -> None:
    above = model._meta.get_field(name).related_model
    community = above._default_manager.filter(pk=OuterRef(name)).values("community")
    model._default_manager.filter(**{f"{name}__ref__in": refs}).update(community=Subquery(community))
