from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.admin.acts import ACTS, Act, open_acts
from facilities.admin.filters import RegionFilter
from facilities.admin.photos import PhotoInline, WithPhotos
from facilities.funding import money_of
from facilities.models import Milestone, Phase, Project, ProjectState
from facilities.models.projects import PARTS
from portal.admin_base import INPUT_ROLES, CommunityRowAdmin, ScopedAdmin, ScopedTabularInline, money_text
from portal.errors import Refused


@admin.display(description=gettext_lazy("预算（元）"), ordering="budget")
def budget_text(phase: Phase) -> Any:
    return money_text(phase.budget)


class PhaseInline(ScopedTabularInline):
    model = Phase
    write_roles = INPUT_ROLES
    fields = ["number", "name", "budget", "area_m2", "starts_on", "ends_on"]
    readonly_fields = [budget_text]
    show_change_link = True

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A budget that is only read has its thousands parted."""
        if self.has_change_permission(request, obj):
            return self.fields
        return [budget_text if name == "budget" else name for name in self.fields]

    def is_settled(self, row: Any) -> bool:
        return getattr(row, "state", ProjectState.DRAFT) != ProjectState.DRAFT


class MilestoneInline(ScopedTabularInline):
    model = Milestone
    write_roles = INPUT_ROLES
    fields = ["name", "due_on", "done_on"]
    show_change_link = True


class WithPlace:
    """New rows below a page lie in the community of the page."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for one in formset.forms:
            if hasattr(one.instance, "community_id") and not one.instance.community_id:
                one.instance.community_id = form.instance.community_id
        super().save_formset(request, form, formset, change)  # type: ignore[misc]


@admin.register(Project)
class ProjectAdmin(WithPlace, CommunityRowAdmin):
    """一项目一方案: the plan is written here, decided by its acts, and then public."""

    list_display = ["name", "community", "state", "is_pilot", "build_mode", "facility", "budget"]
    list_select_related = ["community", "facility"]
    list_filter = [RegionFilter, "state", "is_pilot", "build_mode"]
    search_fields = ["name", "community__name", "facility__name"]
    autocomplete_fields = ["facility", "site"]
    write_roles = INPUT_ROLES
    exclude: list[str] = []
    writes_by_act = True
    readonly_fields = [
        "state",
        "returned_for",
        "entered_by",
        "street_by",
        "street_at",
        "district_by",
        "district_at",
    ]
    settled_note = gettext_lazy("方案已提交，不能直接改；要改请审批人退回。节点和照片在各期里填。")
    change_form_before_template = "facilities/_project_acts.html"
    change_form_after_template = "facilities/_project_money.html"
    fieldsets = [
        (None, {"fields": ["community", "name", "facility", "site", "build_mode", "is_pilot"]}),
        (gettext_lazy("方案（七项）"), {"fields": list(PARTS)}),
        (gettext_lazy("审批"), {"fields": readonly_fields}),
    ]
    inlines = [PhaseInline]

    def is_settled(self, row: Any) -> bool:
        return row.state != ProjectState.DRAFT

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("phases")

    @admin.display(description=gettext_lazy("预算（元）"))
    def budget(self, project: Project) -> Any:
        return money_text(sum(phase.budget for phase in project.phases.all()))

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        obj.entered_by = request.user
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[Any]:
        do = self.admin_site.admin_view(self.do)
        return [path("<int:pk>/do/<slug:name>/", do, name="facilities_project_do"), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        project = object_id and self.get_queryset(request).filter(pk=object_id).first()
        if project:
            extra_context = {**(extra_context or {}), **self._shown(project, request.user)}
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _shown(self, project: Project, user: Any) -> dict[str, Any]:
        acts = open_acts(project, user)
        return {
            "project": project,
            "acts": [(name, act.label) for name, act in acts],
            "act_names": [name for name, _act in acts],
            "phases": money_of(project),
        }

    def do(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """One act of a project: its page, and doing it."""
        project = self.get_queryset(request).filter(pk=pk).first()
        if project is None or name not in ACTS:
            raise Http404
        act = ACTS[name]
        if not request.user.holds(project.community_id, *act.roles):  # type: ignore[union-attr]
            raise PermissionDenied
        initial = {key: request.GET[key] for key in ("phase", "funding", "flow") if key in request.GET}
        form = act.form(project, request.POST or None, initial=initial)
        is_asked = request.method == "POST" and (form.is_valid() or not form.fields)
        if is_asked and self._is_done(project, act, form, by=request.user):
            messages.success(request, _("已完成：%s。") % act.label)
            return HttpResponseRedirect(reverse("admin:facilities_project_change", args=[project.pk]))
        return self._page(request, project, act, form)

    def _is_done(self, project: Project, act: Act, form: Any, *, by: Any) -> bool:
        """Do it; what refuses figures that were typed is said above them, so that they need not be typed again."""
        try:
            act.run(project, getattr(form, "cleaned_data", {}), by)
        except Refused as refused:
            if not form.fields:
                raise
            form.add_error(None, str(refused))
            return False
        return True

    def _page(self, request: HttpRequest, project: Project, act: Act, form: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": f"{act.label} · {project}",
            "project": project,
            "act": act,
            "form": form,
        }
        status = 422 if form.is_bound and form.errors else 200
        return TemplateResponse(request, "facilities/project_act.html", context, status=status)


class InProject(ScopedAdmin):
    """Rows that come with a project's page and are filled in further on their own."""

    write_roles = INPUT_ROLES
    can_delete_rows = False
    not_imported = gettext_lazy("各期和节点随项目的页面一起填。")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Phase)
class PhaseAdmin(WithPlace, InProject):
    """A phase of a plan: what was approved stays, its milestones go on."""

    list_display = [
        "project",
        "number",
        "name",
        "community",
        budget_text,
        "area_m2",
        "starts_on",
        "ends_on",
    ]
    list_select_related = ["project", "community"]
    list_filter = [RegionFilter]
    search_fields = ["name", "project__name", "community__name"]
    fields = ["project", "number", "name", budget_text, "area_m2", "starts_on", "ends_on"]
    readonly_fields = fields
    inlines = [MilestoneInline]


@admin.register(Milestone)
class MilestoneAdmin(WithPhotos, InProject):
    list_display = ["name", "phase", "community", "due_on", "done_on"]
    list_select_related = ["phase__project", "community"]
    list_filter = [RegionFilter, ("done_on", admin.EmptyFieldListFilter)]
    search_fields = ["name", "phase__project__name", "community__name"]
    fields = ["phase", "name", "due_on", "done_on"]
    readonly_fields = ["phase"]
    inlines = [PhotoInline]
