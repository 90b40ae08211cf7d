from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from billing.admin.filters import MonthFilter
from billing.models import Reminder
from facilities.admin.filters import RegionFilter
from portal.admin_base import AppendOnlyAdmin


@admin.register(Reminder)
class ReminderAdmin(AppendOnlyAdmin):
    """What the open months still lack, and who was reminded of it."""

    list_display = ["community", "month", "text", "ref", "reminded", "sent_at", "settled_at"]
    list_select_related = ["community", "to"]
    list_filter = [RegionFilter, MonthFilter, ("settled_at", admin.EmptyFieldListFilter), "kind"]
    search_fields = ["community__name", "ref", "text"]
    fields = list_display
    readonly_fields = fields

    @admin.display(description=_("提醒了谁"), ordering="to")
    def reminded(self, reminder: Reminder) -> str:
        return str(reminder.to or _("没有负责录入的人"))
