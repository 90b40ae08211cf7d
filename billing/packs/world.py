"""The pack beside what is there: every row it names, found with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from billing.packs.reading import Key, Pack, Row, Values
from billing.packs.schema import TABLES, Table
from billing.packs.scope import Scope
from facilities.models import Category, Community, Level, Region

BY_CODE = ("regions", "communities", "categories")
NARROWED = ("read_on", "month", "valid_from")


class State(Enum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class Known:
    """A row that is there: its primary key, its values as a pack writes them, its region's code."""

    pk: Any
    values: Values
    code: str | None


@dataclass
class World:
    """What the pack says and what is there; `find` sees the rows as they will be after the import."""

    pack: Pack
    scope: Scope
    known: dict[str, dict[Key, Known]] = field(default_factory=dict)
    regions: dict[str, tuple[int, str]] = field(default_factory=dict)
    communities: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    _states: dict[str, list[tuple[Key, Row, Known | None, State]]] = field(default_factory=dict)

    def rows(self, table: str) -> Iterator[tuple[Key, Row]]:
        yield from self.pack.rows.get(table, {}).items()

    def states(self, table: str) -> Iterable[tuple[Key, Row, Known | None, State]]:
        """Each row of the pack beside the one that is there."""
        if table not in self._states:
            known = self.known[table]
            self._states[table] = [
                (key, row, known.get(key), _state(row, known.get(key))) for key, row in self.rows(table)
            ]
        return self._states[table]

    def find(self, table: str, ref: str | None) -> Values | None:
        """The values of a row by its ref, the pack's before those that are there."""
        key = (ref,)
        row = self.pack.rows.get(table, {}).get(key)
        if row is not None:
            return row.values
        known = self.known.get(table, {}).get(key)
        return known.values if known else None

    def code_of(self, table: str, values: Values) -> str | None:
        """The code of the community (of a tariff: the region) that a row belongs to after the import."""
        for column in ("code", "community_code", "region_code"):
            if column in values:
                return str(values[column])
        for column, target in (
            ("facility_ref", "facilities"),
            ("agreement_ref", "agreements"),
            ("meter_ref", "meters"),
            ("bill_ref", "bills"),
        ):
            if column in TABLES[table].columns and TABLES[table].needs & {column}:
                found = self.find(target, values[column])
                return self.code_of(target, found) if found else None
        return None

    def is_community(self, code: str) -> bool:
        return self.regions.get(code, (0, ""))[0] == Level.COMMUNITY


def _state(row: Row, known: Known | None) -> State:
    if known is None:
        return State.ADDED
    return State.UNCHANGED if known.values == row.values else State.CHANGED


def load_world(pack: Pack, scope: Scope) -> World:
    """Load every row the pack gives or names, and the rows these stand on."""
    world = World(pack, scope)
    wanted: dict[str, set[Any]] = defaultdict(set)
    for table in TABLES.values():
        _want(wanted, table, (row.values for _key, row in world.rows(table.name)))
    for table in reversed(TABLES.values()):
        keys = set(pack.rows.get(table.name, {}))
        if table.key == ("ref",):
            keys |= {(ref,) for ref in wanted[table.name]}
        world.known[table.name] = _load(table, keys)
        _want(wanted, table, (known.values for known in world.known[table.name].values()))
    wanted["communities"] |= {code for (code,) in pack.rows.get("communities", {})}
    codes = wanted["regions"] | wanted["communities"]
    found = Region.objects.filter(code__in=codes).values_list("code", "level", "name")
    world.regions = {code: (level, name) for code, level, name in found}
    world.communities = set(
        Community.objects.filter(pk__in=wanted["communities"]).values_list("pk", flat=True)
    )
    world.categories = set(Category.objects.values_list("code", flat=True))
    scope.look_at_providers(wanted["providers"] | {ref for (ref,) in pack.rows.get("providers", {})})
    return world


def _want(wanted: dict[str, set[Any]], table: Table, rows: Iterable[Values]) -> None:
    """Note what these rows refer to."""
    columns = [(column.name, wanted[column.refers_to]) for column in table.references]
    for values in rows:
        for name, of_target in columns:
            if values[name] is not None:
                of_target.add(values[name])


def _load(table: Table, keys: set[Key]) -> dict[Key, Known]:
    """The rows that are there under these keys; a composite key is found by its first column."""
    if not keys:
        return {}
    columns = table.columns
    first, *others = table.key
    queryset: Any = table.model._default_manager.filter(
        **{f"{columns[first].path}__in": {key[0] for key in keys}}
    )
    for position, name in enumerate(others, start=1):
        if name in NARROWED:
            span = [key[position] for key in keys]
            queryset = queryset.filter(**{f"{name}__range": (min(span), max(span))})
    paths = [column.path for column in columns.values()]
    found = {}
    rows = queryset.order_by().values_list("pk", queryset.region_path, *paths)
    for pk, code, *cells in rows.iterator(chunk_size=10_000):
        values = dict(zip(columns, cells, strict=True))
        key = tuple(values[name] for name in table.key)
        if key in keys:
            found[key] = Known(pk, values, code)
    return found
