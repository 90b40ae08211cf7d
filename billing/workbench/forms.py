"""The rows of the month's entry pages; each is one reading, one bill or one figure of revenue."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Reading, UtilityBill
from portal.months import in_our_time

AMOUNT = {"class": "cell number", "inputmode": "decimal", "autocomplete": "off"}
DATE = {"class": "cell", "type": "date"}
TEXT = {"class": "cell", "autocomplete": "off"}


def _date() -> forms.DateInput:
    return forms.DateInput(DATE, format="%Y-%m-%d")


class RowForm(forms.ModelForm):
    """A row whose owner is given by the page: it is checked against the constraints, never asked."""

    owner = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.validators.append(in_our_time)

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {self.owner}  # type: ignore[misc]


class ReadingForm(RowForm):
    owner = "meter"

    class Meta:
        model = Reading
        fields = ["value", "read_on", "kind"]
        widgets = {
            "value": forms.TextInput(AMOUNT),
            "read_on": _date(),
            "kind": forms.Select({"class": "cell"}),
        }

    def has_changed(self) -> bool:
        """A row without a reading is not filled in; one whose reading was wiped out is, and is refused."""
        given = self.data.get(self.add_prefix("value"))
        return given is not None and bool(given or self.instance.pk) and super().has_changed()


class BillForm(RowForm):
    owner = "facility"

    class Meta:
        model = UtilityBill
        fields = ["ref", "period_start", "period_end", "quantity", "amount"]
        widgets = {
            "ref": forms.TextInput(TEXT),
            "period_start": _date(),
            "period_end": _date(),
            "quantity": forms.TextInput(AMOUNT),
            "amount": forms.TextInput(AMOUNT),
        }

    def has_changed(self) -> bool:
        return bool(self.data.get(self.add_prefix("amount")) or self.data.get(self.add_prefix("quantity")))

    def clean(self) -> Any:
        """A bill that comes in here has its own period and amount."""
        cleaned = super().clean()
        for name in ("period_start", "period_end", "amount"):
            if name not in self.errors and self.cleaned_data.get(name) is None:
                self.add_error(name, _("请填写。"))
        return cleaned


class RevenueForm(forms.Form):
    amount = forms.DecimalField(
        label=_("收入"),
        required=False,
        max_digits=14,
        decimal_places=2,
        min_value=Decimal(0),
        widget=forms.TextInput(AMOUNT),
    )
