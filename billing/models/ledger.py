"""The ledger: append-only, written by `billing.writing` alone; PostgreSQL checks that entries balance."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.fields import MoneyField, MonthField, community_key
from billing.models.choices import Fund, Utility
from portal.access import ScopedQuerySet
from portal.months import in_words

APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete


class Account(models.Model):
    """One account of a community: cash, a provider's debt, a debt to a supplier, or a fund."""

    class Kind(models.TextChoices):
        CASH = "cash", _("现金")
        RECEIVABLE = "receivable", _("应收")
        PAYABLE = "payable", _("应付")
        FUND = "fund", _("资金")

    community = community_key("accounts")
    kind = models.CharField(_("种类"), max_length=10, choices=Kind)
    provider = models.ForeignKey(
        "services.Provider",
        models.PROTECT,
        verbose_name=_("服务商"),
        null=True,
        related_name="accounts",
    )
    name = models.CharField(_("名称"), max_length=16, blank=True, choices=[*Fund.choices, *Utility.choices])

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("账户")
        verbose_name_plural = pgettext_lazy("复数", "账户")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "kind", "name", "provider"],
                name="account_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(kind="receivable", provider__isnull=False, name="")
                | Q(kind="cash", provider=None, name="")
                | (Q(kind__in=["payable", "fund"], provider=None) & ~Q(name="")),
                name="account_names_its_holder",
            ),
        ]
        triggers = [pgtrigger.Protect(name="account_stays", operation=APPEND_ONLY)]

    def __str__(self) -> str:
        return self.words

    @property
    def title(self) -> str:
        """The account as exports name it: cash, receivable:P1, payable:water, fund:utility."""
        if self.kind == self.Kind.RECEIVABLE and self.provider is not None:
            return f"receivable:{self.provider.ref}"
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def words(self) -> str:
        """The account as people name it: 应收 · 共享食堂, 资金 · 水电账户."""
        whose = self.provider or self.get_name_display()
        return f"{self.get_kind_display()} · {whose}" if whose else str(self.get_kind_display())


class EntryQuerySet(ScopedQuerySet):
    region_path = "close__community__region__code"


class Entry(models.Model):
    """One event in the books of a community; numbers run on from month to month, rows never change."""

    close = models.ForeignKey("billing.MonthClose", models.PROTECT, related_name="entries", db_index=False)
    number = models.PositiveIntegerField(_("分录号"))
    date = models.DateField(_("日期"))
    source = models.CharField(_("来源"), max_length=64, db_collation="C")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("分录")
        verbose_name_plural = pgettext_lazy("复数", "分录")
        ordering = ["close", "number"]
        constraints = [models.UniqueConstraint(fields=["close", "number"], name="entry_once")]
        triggers = [pgtrigger.Protect(name="entry_append_only", operation=APPEND_ONLY)]

    def __str__(self) -> str:
        return f"{self.number} {self.source}"


class LineQuerySet(ScopedQuerySet):
    region_path = "account__community__region__code"
    provider_path = "account__provider"


class Line(models.Model):
    """One side of an entry: a debit if positive, a credit if negative.

    All lines of an entry come in one statement, which PostgreSQL refuses unless they add up to zero.
    """

    pk = models.CompositePrimaryKey("entry", "position")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField(_("行"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="lines", db_index=False)
    amount = MoneyField(_("金额"), help_text=_("正数为借方，负数为贷方。"))

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("分录行")
        verbose_name_plural = pgettext_lazy("复数", "分录行")
        indexes = [models.Index(fields=["account", "entry"], name="line_account_entry")]
        triggers = [
            pgtrigger.Protect(name="line_append_only", operation=APPEND_ONLY),
            pgtrigger.Trigger(
                name="entry_balances",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="fresh"),
                func="""
                    IF EXISTS (SELECT 1 FROM fresh GROUP BY entry_id HAVING sum(amount) <> 0) THEN
                        RAISE EXCEPTION 'an entry does not balance'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}/{self.position} {self.amount}"


class AccountMonthQuerySet(ScopedQuerySet):
    region_path = "account__community__region__code"


class AccountMonth(models.Model):
    """An account at the end of a posted month: a balance is one row, a statement starts from one."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="months", db_index=False)
    month = MonthField(_("月份"))
    debit = MoneyField(_("本月借方"))
    credit = MoneyField(_("本月贷方"))
    balance = MoneyField(_("月末余额"), help_text=_("借方减贷方，自建账起。"))

    objects = AccountMonthQuerySet.as_manager()

    class Meta:
        verbose_name = _("账户月末")
        verbose_name_plural = pgettext_lazy("复数", "账户月末")
        constraints = [models.UniqueConstraint(fields=["account", "month"], name="accountmonth_once")]
        triggers = [pgtrigger.Protect(name="accountmonth_append_only", operation=APPEND_ONLY)]

    def __str__(self) -> str:
        return f"{self.account} · {in_words(self.month)}"
