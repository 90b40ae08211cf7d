import datetime as dt
from collections import defaultdict
from functools import cached_property
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.access import READING_ROLES, SENIORITY, STAFF_ROLES, Role, ScopedQuerySet
from portal.history import tracked
from portal.personal import EncryptedCharField, mask_phone
from portal.spreadsheets.models import Export as Export
from portal.spreadsheets.models import Upload as Upload

ONESELF = "self"  # in no role at all, as any person of the city


@tracked(fields=["is_active", "is_staff", "is_superuser"])
class User(AbstractUser):
    """A person who signs in; what they may do follows from their access roles.

    During a request one role is in use, with all regions in which it is held; rights follow it alone.
    Outside of requests (commands, jobs) all roles count.
    """

    display_name = models.CharField(_("称呼"), max_length=40, blank=True)
    last_role = models.CharField(_("上次使用的角色"), max_length=16, blank=True, choices=Role, editable=False)

    phone = EncryptedCharField(_("手机号"), max_length=24, blank=True, editable=False)
    phone_lookup = models.CharField(max_length=64, blank=True, editable=False)
    phone_verified = models.BooleanField(_("手机号已验证"), default=False, editable=False)

    role_in_use: str | None = None  # set for the request by `portal.roles`

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = pgettext_lazy("复数", "用户")
        constraints = [
            models.UniqueConstraint(
                fields=["phone_lookup"],
                condition=Q(phone_verified=True),
                name="user_phone_once",
                violation_error_message=_("这个手机号已经属于另一个账户。"),
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        """The name beside the menu."""
        return self.display_name

    @cached_property
    def _held(self) -> dict[str, set[str]]:
        """Prefixes per role, with the regions that a development zone manages; one query a request."""
        found: dict[str, set[str]] = defaultdict(set)
        live = self.access_roles.in_force(timezone.localdate())
        for role, prefix, managed in live.values_list("role", "region__prefix", "region__manages__prefix"):
            found[role].add(prefix)
            if managed:
                found[role].add(managed)
        return found

    @cached_property
    def provider_ids(self) -> list[int]:
        """Keys of the providers this person acts for; one query a request."""
        return list(self.memberships.values_list("provider_id", flat=True))

    @property
    def phone_masked(self) -> str:
        """138****5678, or nothing."""
        return mask_phone(self.phone) if self.phone else ""

    @property
    def roles_held(self) -> list[Role]:
        """Every role held today, in use or not, the most senior first."""
        return [role for role in SENIORITY if role in self._held]

    @property
    def works_here(self) -> bool:
        """Tell whether the user holds a staff role today, in use or not, or administers everything."""
        return self.is_superuser or any(role in self._held for role in STAFF_ROLES)

    @property
    def only_reads(self) -> bool:
        """Tell whether the role in use changes nothing here."""
        return self.role_in_use in READING_ROLES

    @property
    def resident_role(self) -> str:
        """The capacity in which somebody of a reading role books and speaks: the resident's, else their own."""
        if Role.RESIDENT in self._held:
            return Role.RESIDENT
        return ONESELF if any(role in self._held for role in READING_ROLES) else ""

    def use_role(self, wanted: str) -> None:
        """Act in the wanted role, else in the one used last, else in the most senior."""
        if wanted == ONESELF == self.resident_role:
            self.role_in_use = ""
            return
        held = self.roles_held
        self.role_in_use = next((role for role in (wanted, self.last_role) if role in held), "")
        self.role_in_use = self.role_in_use or (held[0] if held else "")

    def region_prefixes(self, *roles: str) -> list[str]:
        """Return the code prefixes in which the user holds one of these roles today and uses it."""
        used = roles if self.role_in_use is None else {self.role_in_use}.intersection(roles)
        return sorted(set().union(*(self._held.get(role, ()) for role in used)))

    def has_role(self, *roles: str) -> bool:
        """Tell whether the user acts in one of these roles, wherever it is held."""
        return self.is_superuser or bool(self.region_prefixes(*roles))

    def holds(self, code: str, *roles: str) -> bool:
        """Tell whether the user acts in one of these roles for the region with this code."""
        return self.is_superuser or any(code.startswith(prefix) for prefix in self.region_prefixes(*roles))


class AccessRoleQuerySet(ScopedQuerySet):
    region_path = "region__code"

    def in_force(self, on: dt.date) -> "AccessRoleQuerySet":
        return self.filter(Q(starts_on=None) | Q(starts_on__lte=on), Q(ends_on=None) | Q(ends_on__gte=on))


@tracked()
class AccessRole(models.Model):
    """One role of one person in one region, for a time."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("用户"), related_name="access_roles"
    )
    role = models.CharField(_("角色"), max_length=16, choices=Role)
    region = models.ForeignKey(
        "facilities.Region", models.PROTECT, verbose_name=_("地区"), related_name="+", db_index=False
    )
    starts_on = models.DateField(_("自"), null=True, blank=True)
    ends_on = models.DateField(_("至"), null=True, blank=True, help_text=_("含当日"))

    objects = AccessRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("角色授权")
        verbose_name_plural = pgettext_lazy("复数", "角色授权")
        indexes = [models.Index(fields=["region"], name="accessrole_region")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "region"],
                name="accessrole_once",
                violation_error_message=_("这位用户在该地区已有同样的角色，请改它的起止日期。"),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")) | Q(starts_on=None) | Q(ends_on=None),
                name="accessrole_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.region}"


class AuditEntryQuerySet(ScopedQuerySet):
    region_path = "region__code"


class AuditEntry(models.Model):
    """One thing somebody did; written in the same transaction, never changed or deleted."""

    at = models.DateTimeField(_("时间"), db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("操作人"), null=True, related_name="+"
    )
    action = models.CharField(_("操作"), max_length=64)
    region = models.ForeignKey(
        "facilities.Region",
        models.PROTECT,
        verbose_name=_("地区"),
        null=True,
        related_name="+",
        db_index=False,
    )
    subject = models.CharField(_("对象"), max_length=160)
    data = models.JSONField(_("内容"), default=dict)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = pgettext_lazy("复数", "操作记录")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["region", "-id"], name="auditentry_region")]
        triggers = [
            pgtrigger.Protect(name="audit_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class Topic(models.TextChoices):
    """What messages are about, as people choose how to hear of it."""

    BOOKINGS = "bookings", _("预约")
    MONTHS = "months", _("月结、公示与项目")
    REQUESTS = "requests", _("我的诉求")
    FILES = "files", _("导出的文件")
    SECURITY = "security", _("账户安全")


class Channel(models.TextChoices):
    """Ways beside the inbox, which has every message."""

    EMAIL = "email", _("邮件")
    SMS = "sms", _("短信")


class MessageQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any, *roles: str) -> "MessageQuerySet":
        """Everybody reads their own inbox and nobody else's."""
        return self.filter(to=user) if user.is_active and user.pk else self.none()

    def unread(self) -> "MessageQuerySet":
        return self.filter(read_at=None)


class Message(models.Model):
    """One thing told to one person, once for each key; it stands in their inbox."""

    to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("收件人"),
        related_name="messages",
        db_index=False,
    )
    key = models.CharField(max_length=120, editable=False)
    kind = models.CharField(_("种类"), max_length=40)
    topic = models.CharField(_("类别"), max_length=12, choices=Topic)
    subject_model = models.CharField(max_length=60, blank=True, editable=False)
    subject_pk = models.CharField(max_length=40, blank=True, editable=False)
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("内容"))
    url = models.CharField(max_length=300, blank=True, editable=False)
    made_at = models.DateTimeField(_("时间"), auto_now_add=True)
    read_at = models.DateTimeField(_("已读时间"), null=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = pgettext_lazy("复数", "消息")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["to", "-id"], name="message_inbox"),
            models.Index(fields=["to"], condition=Q(read_at=None), name="message_unread"),
            models.Index(
                fields=["subject_model", "subject_pk"],
                condition=~Q(subject_model=""),
                name="message_subject",
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["to", "key"], name="message_once")]

    def __str__(self) -> str:
        return self.title


class DeliveryQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any, *roles: str) -> "DeliveryQuerySet":
        """Region administrators see what was sent to people with a role in their regions."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        held = AccessRole.objects.filter(user=models.OuterRef("message__to"))
        return self.filter(models.Exists(held.visible_to(user, Role.REGION_ADMIN)))

    def due(self, channel: str, now: dt.datetime) -> "DeliveryQuerySet":
        return self.filter(channel=channel, state=Delivery.State.PENDING, next_at__lte=now)


class Delivery(models.Model):
    """One message on its way to one person by one channel; `next_at` is also the lease of who sends it."""

    class State(models.TextChoices):
        PENDING = "pending", _("待发送")
        SENT = "sent", _("已发送")
        FAILED = "failed", _("发送失败")
        SKIPPED = "skipped", _("未发送")

    message = models.ForeignKey(
        Message, models.CASCADE, verbose_name=_("消息"), related_name="deliveries", db_index=False
    )
    channel = models.CharField(_("方式"), max_length=8, choices=Channel)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.PENDING)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    next_at = models.DateTimeField(_("下次发送"), default=timezone.now)
    sent_at = models.DateTimeField(_("发送时间"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("发送记录")
        verbose_name_plural = pgettext_lazy("复数", "发送记录")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["channel", "next_at"], condition=Q(state="pending"), name="delivery_due")
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "sent", "failed", "skipped"]), name="delivery_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.channel}"


class ChannelChoiceQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any, *roles: str) -> "ChannelChoiceQuerySet":
        return self.filter(user=user) if user.is_active and user.pk else self.none()


class ChannelChoice(models.Model):
    """Whether somebody wants one topic by one channel; where there is no row, the default holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("用户"),
        related_name="channel_choices",
        db_index=False,
    )
    topic = models.CharField(_("类别"), max_length=12, choices=Topic)
    channel = models.CharField(_("方式"), max_length=8, choices=Channel)
    wanted = models.BooleanField(_("接收"))

    objects = ChannelChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息设置")
        verbose_name_plural = pgettext_lazy("复数", "消息设置")
        constraints = [
            models.UniqueConstraint(fields=["user", "topic", "channel"], name="channelchoice_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.topic} {self.channel}"
