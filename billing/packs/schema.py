"""The files of a pack and their columns, as the rules list them; types and labels are those of the models."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing import models as billing
from facilities.models import Category, Community, Facility, Region
from services.models import Agreement, Provider

# Labels that differ from the model field's own: codes, and the keys of other tables by their own label.
CODE_LABELS = {"code": _("社区代码"), "community_code": _("社区代码"), "region_code": _("地区代码")}
FILES_OF = {
    Region: "regions",
    Community: "communities",
    Category: "categories",
    Facility: "facilities",
    Provider: "providers",
    Agreement: "agreements",
    billing.Meter: "meters",
    billing.UtilityBill: "bills",
}
FROM_THE_START = "from_month"


@dataclass(frozen=True)
class Column:
    """One column of a file: its name, the model field it fills, and the file its values name rows of."""

    name: str
    field: models.Field

    @property
    def refers_to(self) -> str:
        target: Any = self.field.related_model
        return FILES_OF[target] if target else ""

    @property
    def target_key(self) -> models.Field:
        """The field whose values stand in the file: for a reference the key of the row it names."""
        target: Any = self.field.related_model
        if not target:
            return self.field
        if target is Community:
            target = Region
        keyed_by_code = self.refers_to in ("regions", "communities", "categories")
        return target._meta.get_field("code" if keyed_by_code else "ref")

    @property
    def path(self) -> str:
        """Where the database keeps the value, as a lookup."""
        if not self.refers_to:
            return self.field.name
        return self.field.attname if self.target_key.primary_key else f"{self.field.name}__ref"

    @property
    def labels(self) -> list[str]:
        """The Chinese headers that name this column, the first as the template writes it."""
        own, target = self.field.verbose_name, self.target_key.verbose_name
        first = CODE_LABELS.get(self.name) or (target if self.name.endswith("_ref") else own)
        with translation.override("zh-hans"):
            return list(dict.fromkeys(str(label) for label in (first, own)))

    @property
    def blank_value(self) -> Any:
        """What is stored where nothing is given: the default of the rules."""
        if self.field.has_default():
            return self.field.get_default()
        return None if self.field.null or self.refers_to else ""


@dataclass(frozen=True)
class Table:
    """One file of a pack: its key, its columns in order, and which of them no row can do without."""

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    column_names: tuple[str, ...]
    needs: frozenset[str]
    named_after_key: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @cached_property
    def columns(self) -> dict[str, Column]:
        return {name: Column(name, self._field(name)) for name in self.column_names}

    def _field(self, name: str) -> Any:
        plain = name.removesuffix("_ref").removesuffix("_code")
        return self.model._meta.get_field(self.fields.get(name, plain))

    @cached_property
    def references(self) -> list[Column]:
        return [column for column in self.columns.values() if column.refers_to and column.name != "code"]

    @cached_property
    def headers(self) -> dict[str, str]:
        """Every header this file may have, with the column it names."""
        found = {name: name for name in self.columns}
        for column in self.columns.values():
            for label in column.labels:
                found.setdefault(label, column.name)
        return found

    @property
    def label(self) -> Any:
        return format_lazy("{}", self.model._meta.verbose_name_plural)


def table(  # noqa: PLR0913
    name: str,
    model: type[models.Model],
    key: str,
    columns: str,
    *,
    needs: str = "",
    named_after_key: str = "",
    fields: dict[str, str] | None = None,
) -> Table:
    """Declare a file as the rules write it: key columns first, then the others."""
    keys = tuple(key.split())
    required = {*keys, *needs.split()} - {FROM_THE_START}
    names = (*keys, *columns.split())
    return Table(name, model, keys, names, frozenset(required), named_after_key, fields or {})


TABLES = {
    one.name: one
    for one in (
        table(
            "communities", Community, "code", "households population notice_days", fields={"code": "region"}
        ),
        table(
            "facilities",
            Facility,
            "ref",
            "community_code name area_m2 floors residential_property_rate address longitude latitude datum",
            needs="community_code",
            named_after_key="name",
        ),
        table("providers", Provider, "ref", "name kind uscc phone", named_after_key="name"),
        table(
            "agreements",
            Agreement,
            "ref",
            "provider_ref facility_ref space floor area_m2 category starts_on ends_on",
            needs="provider_ref facility_ref",
        ),
        table(
            "utility_terms",
            billing.UtilityTerm,
            "agreement_ref utility from_month",
            "method weight position_factor frequency_factor price_class"
            " subsidy_percent subsidy_until subsidy_fund",
            needs="method",
        ),
        table(
            "charge_terms",
            billing.ChargeTerm,
            "agreement_ref kind from_month",
            "monthly_amount area_m2 rate",
        ),
        table(
            "rebate_terms",
            billing.RebateTerm,
            "ref from_month",
            "agreement_ref kind rate threshold floor cap tiers monthly_amount hours unit_value"
            " holiday_until welfare_percent",
            needs="agreement_ref kind",
        ),
        table(
            "sharing_rules",
            billing.SharingRule,
            "facility_ref utility from_month",
            "basis community_weight residual loss_cap_percent over_measured agreed_on",
        ),
        table(
            "meters",
            billing.Meter,
            "ref",
            "facility_ref utility role agreement_ref multiplier digits",
            needs="facility_ref utility role",
        ),
        table("readings", billing.Reading, "meter_ref read_on kind", "value", needs="value"),
        table(
            "bills",
            billing.UtilityBill,
            "ref",
            "facility_ref utility period_start period_end quantity amount loss_reason corrects",
            needs="facility_ref utility",
        ),
        table(
            "tariffs",
            billing.Tariff,
            "region_code utility price_class valid_from",
            "unit_price source",
            needs="unit_price",
        ),
        table("revenue", billing.Revenue, "agreement_ref month", "amount status", needs="amount"),
        table("opening_balances", billing.OpeningBalance, "community_code fund", "amount", needs="amount"),
        table(
            "topups",
            billing.TopUp,
            "ref",
            "community_code fund date amount source",
            needs="community_code fund date amount",
        ),
        table(
            "transfers",
            billing.Transfer,
            "ref",
            "community_code from_fund to_fund date amount minutes",
            needs="community_code from_fund to_fund date amount",
        ),
        table(
            "corrections",
            billing.Correction,
            "ref",
            "agreement_ref date amount fund reason",
            needs="agreement_ref date amount fund",
        ),
        table(
            "receipts",
            billing.Receipt,
            "ref",
            "community_code provider_ref date amount",
            needs="community_code provider_ref date amount",
        ),
        table("payments", billing.Payment, "ref", "bill_ref date amount", needs="bill_ref date amount"),
    )
}
# Tables whose rows a posted month takes; from then on they stay as they are.
POSTED = (
    "bills",
    "opening_balances",
    "topups",
    "transfers",
    "corrections",
    "receipts",
    "payments",
)
