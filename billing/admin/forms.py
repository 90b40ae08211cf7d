"""What a form refuses beyond the constraints of its model: rows that would contradict another row."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import MonthClose
from portal.admin_base import CommunityForm


class MeterForm(forms.ModelForm):
    def clean(self) -> Any:
        """A meter in an agreement's hands hangs in that agreement's facility."""
        cleaned = super().clean() or self.cleaned_data
        agreement = cleaned.get("agreement")
        facility = cleaned.get("facility") or getattr(self.instance, "facility", None)
        if agreement and facility and agreement.facility_id != facility.pk:
            self.add_error("agreement", _("这份协议不在这处设施，请核对。"))
        return cleaned


class BillForm(forms.ModelForm):
    def clean(self) -> Any:
        """A bill takes back one of its own facility and utility, once, and never a taking back."""
        cleaned = super().clean() or self.cleaned_data
        old = cleaned.get("corrects")
        if old and (old.facility, old.utility) != (cleaned.get("facility"), cleaned.get("utility")):
            self.add_error("corrects", _("冲回的账单要与原账单同一设施、同一能源。"))
        if old and old.corrects_id:
            self.add_error("corrects", _("这张本身就是冲回单，不能再冲回。"))
        return cleaned


class OpeningBalanceForm(CommunityForm):
    def clean(self) -> Any:
        """Opening balances come before the first posted month; later money is a top-up or a transfer."""
        cleaned = super().clean()
        community = self.instance.community_id
        if community and MonthClose.objects.posted().filter(community=community).exists():
            raise forms.ValidationError(_("这个社区已有入账的月份，不能再录期初余额；请用资金补入或划转。"))
        return cleaned
