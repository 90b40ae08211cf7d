"""Who may sign in and as what, and the record of what people did."""

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from facilities.admin.filters import RegionFilter
from facilities.models import scope_prefix
from portal import audit, sending
from portal.access import STAFF_ROLES, Role
from portal.admin_base import AppendOnlyAdmin, ScopedAdmin, ScopedTabularInline, person
from portal.entrance.colleagues import (
    FactorReason,
    clear_second_factor,
    factors_of,
    may_let_in,
    password_was_set,
)
from portal.models import AccessRole, AuditEntry, Delivery, User
from portal.spreadsheets.admin import ExportAdmin as ExportAdmin

THINGS = {
    "month": _("月结"),
    "run": _("月结任务"),
    "rollups": _("地区月报"),
    "pack": _("数据包"),
    "readings": _("读数"),
    "bills": _("水电账单"),
    "family": _("代办的家人"),
    "residents": _("居民"),
    "funding": _("项目资金"),
    "flow": _("项目收支"),
}
DEEDS = {
    "added": _("新增"),
    "changed": _("修改"),
    "deleted": _("删除"),
    "entered": _("录入"),
    "submitted": _("申报"),
    "verified": _("核实"),
    "rejected": _("退回"),
    "draft": _("生成草稿"),
    "blocked": _("受阻"),
    "notice": _("公示"),
    "published": _("公示"),
    "withdrawn": _("撤回公示"),
    "confirmed": _("确认"),
    "posted": _("入账"),
    "raised": _("提出"),
    "answered": _("答复"),
    "started": _("发起"),
    "cancelled": _("取消"),
    "resumed": _("继续"),
    "checked": _("核对"),
    "imported": _("导入"),
    "exported": _("导出"),
    "noted": _("记录"),
    "handed_in": _("提交审批"),
    "street_approved": _("街道批准"),
    "district_approved": _("区县批准"),
    "finished": _("标为已建成"),
    "returned": _("退回修改"),
    "pledged": _("登记认缴"),
    "amended": _("改认缴"),
    "received": _("登记到账"),
    "spent": _("登记支出"),
    "taken_back": _("冲回"),
    "made": _("提交预约"),
    "waiting": _("候补中"),
    "held": _("已保留，待确认"),
    "attended": _("已签到"),
    "expired": _("已过期"),
    "feed_renewed": _("换订阅地址"),
    "feed_closed": _("停止订阅"),
    "recomposed": _("改空间的组成"),
    "retried": _("重新发送"),
    "factor_cleared": _("清除第二道验证"),
    "password_set": _("重设密码"),
    "requested": _("提交待审批"),
    "no_show": _("记为未到"),
    "in_hand": _("开始办"),
    "closed": _("了结"),
    "said": _("说说"),
    "given": _("同意"),
    "consent.withdrawn": _("撤回同意"),
    "joined": _("登记"),
    "moved": _("搬家"),
    "erased": _("抹去个人信息"),
    "pruned": _("到期清理"),
    "removed": _("解除"),
    "failed": _("出错"),
}


def in_words(action: str) -> str:
    """Say a recorded action in words; one without words stays as it was written."""
    thing, _dot, deed = action.partition(".")
    names = {model._meta.model_name: model._meta.verbose_name for model in apps.get_models()}
    return f"{THINGS.get(thing) or names.get(thing, thing)} · {DEEDS.get(action) or DEEDS.get(deed, deed)}"


class AccessRoleInline(ScopedTabularInline):
    """Roles are given in the giver's own regions; those held elsewhere are not shown."""

    model = AccessRole
    autocomplete_fields = ["region"]
    select_related = ("user", "region")
    view_roles = (Role.REGION_ADMIN,)
    write_roles = (Role.REGION_ADMIN,)

    def may_write(self, request: HttpRequest, row: Any = None) -> bool:
        return person(request).has_role(*self.write_roles)

    def get_min_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if person(request).is_superuser or obj else 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, validate_min=True, **kwargs)


class RoleRegionFilter(RegionFilter):
    """People with a role in a region, among the roles that lie in one's own regions: never those held elsewhere."""

    title = _("角色所在地区")

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        code = self.value()
        if not code:
            return queryset
        held = AccessRole.objects.filter(user=OuterRef("pk")).visible_to(request.user, Role.REGION_ADMIN)
        return queryset.filter(Exists(held.filter(region__code__startswith=scope_prefix(code))))


@admin.register(User)
class UserAdmin(ScopedAdmin, DjangoUserAdmin):
    """People with a role in the user's regions; only those with no role elsewhere are changed here."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "display_name", "role_names", "is_active", "last_login"]
    list_filter = [RoleRegionFilter, "is_active", "access_roles__role"]
    search_fields = ["username", "display_name"]
    filter_horizontal = []
    ordering = ["username"]
    view_roles = (Role.REGION_ADMIN,)
    write_roles = (Role.REGION_ADMIN,)
    can_delete_rows = False
    not_imported = _("账号和角色一个一个地给，不从表格导入。")
    not_exported = _("账号名单不导出。")
    inlines = [AccessRoleInline]
    fieldsets = [
        (None, {"fields": ["username", "display_name", "password_kept", "is_active"]}),
        (_("记录"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "display_name", "password1", "password2"]}),
    ]
    readonly_fields = ["password_kept", "last_login", "date_joined"]

    @admin.display(description=_("密码"))
    def password_kept(self, person: User) -> str:
        """Whether there is one; how it is kept is nobody's business."""
        word = gettext("已设置") if person.has_usable_password() else gettext("没有设置密码")
        address = reverse("admin:auth_user_password_change", args=[person.pk])
        return format_html('{} · <a class="text-link" href="{}">{}</a>', word, address, gettext("重设密码"))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        people = super(ScopedAdmin, self).get_queryset(request).prefetch_related("access_roles")
        if person(request).is_superuser:
            return people
        held = AccessRole.objects.filter(user=OuterRef("pk"))
        here = held.visible_to(request.user, Role.REGION_ADMIN)
        elsewhere = held.exclude(pk__in=AccessRole.objects.visible_to(request.user, Role.REGION_ADMIN))
        mine = people.filter(Exists(here), is_superuser=False)
        return mine.annotate(has_role_elsewhere=Exists(elsewhere))

    def may_write(self, request: HttpRequest, row: Any = None) -> bool:
        if not person(request).has_role(*self.write_roles):
            return False
        return row is None or person(request).is_superuser or not getattr(row, "has_role_elsewhere", True)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        found: Any = self.get_object(request, unquote(id))
        if not may_let_in(request.user, found):
            raise PermissionDenied
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            password_was_set(found, by=request.user)
        return answer

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/second-factor/",
            self.admin_site.admin_view(self.second_factor),
            name="portal_user_second_factor",
        )
        return [own, *super().get_urls()]

    def second_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Clear a colleague's second factor for a reason; asked first, then done."""
        found: Any = self.get_object(request, str(pk))
        if not may_let_in(request.user, found):
            raise PermissionDenied
        if request.method == "POST":
            clear_second_factor(found, reason=request.POST.get("reason", ""), by=request.user)
            text = _("已清除，并已告诉本人。下次登录时重新设置。")
            self.message_user(request, text, messages.SUCCESS)
            return redirect("admin:portal_user_change", pk)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("清除第二道验证"),
            "colleague": found,
            "factors": factors_of(found),
            "reasons": FactorReason.choices,
        }
        return TemplateResponse(request, "portal/second_factor.html", context)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super(ScopedAdmin, self).save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Whoever holds a staff role may enter the admin; the change is recorded with the regions."""
        super().save_related(request, form, formsets, change)
        person = form.instance
        roles = list(person.access_roles.values_list("role", "region_id"))
        is_staff = person.is_superuser or any(role in STAFF_ROLES for role, _region in roles)
        if person.is_staff != is_staff:
            person.is_staff = is_staff
            person.save(update_fields=["is_staff"])
        given = [f"{role} {region}" for role, region in roles]
        regions = sorted({region for _role, region in roles})
        action = "user.changed" if change else "user.added"
        audit.record(action, person, by=request.user, region=regions[0] if regions else None, roles=given)

    @admin.display(description=_("角色"))
    def role_names(self, person: User) -> str:
        return (
            gettext("、").join(sorted({str(role.get_role_display()) for role in person.access_roles.all()}))
            or "—"
        )


@admin.register(AuditEntry)
class AuditEntryAdmin(AppendOnlyAdmin):
    list_display = ["at", "by", "what", "region", "subject"]
    list_select_related = ["by", "region"]
    list_filter = [RegionFilter]
    search_fields = ["action", "subject"]
    view_roles = (Role.APPROVER, Role.OFFICIAL, Role.REGION_ADMIN)
    personal = ("by",)
    fields = ["at", "by", "what", "action", "region", "subject", "data"]
    readonly_fields = fields

    @admin.display(description=_("操作"), ordering="action")
    def what(self, entry: AuditEntry) -> str:
        return in_words(entry.action)


@admin.register(Delivery)
class DeliveryAdmin(AppendOnlyAdmin):
    """What went out by e-mail and SMS, and what did not: to whom only as far as needed, never its text."""

    list_display = [
        "made_at",
        "recipient",
        "kind",
        "channel",
        "state",
        "attempts",
        "next_at",
        "sent_at",
        "reason",
    ]
    list_select_related = ["message__to"]
    list_filter = ["state", "channel", "message__topic"]
    view_roles = (Role.REGION_ADMIN,)
    write_roles = (Role.REGION_ADMIN,)
    fields = list_display
    readonly_fields = fields
    actions = ["send_again"]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return person(request).has_role(*self.write_roles)

    @admin.action(description=_("再发一次（仅发送失败的）"), permissions=["retry"])
    def send_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = sending.retry(queryset, by=person(request))  # type: ignore[arg-type]
        self.message_user(request, gettext("%d 条重新排队发送。") % count)

    @admin.display(description=_("时间"), ordering="message")
    def made_at(self, row: Delivery) -> Any:
        return row.message.made_at

    @admin.display(description=_("收件人"))
    def recipient(self, row: Delivery) -> str:
        return masked(str(row.message.to))

    @admin.display(description=_("种类"))
    def kind(self, row: Delivery) -> str:
        return row.message.get_topic_display()


def masked(name: str) -> str:
    """The first character of a name, which is enough to ask somebody about it."""
    return f"{name[:1]}***"
