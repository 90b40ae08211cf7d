"""The ground of the staff's admin: rows, choices and rights follow from access roles, nothing else."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import DateField, DateTimeField, Model, QuerySet
from django.forms.models import BaseInlineFormSet, _get_foreign_key
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from portal import audit, changes, inputs
from portal.access import STAFF_ROLES, Role, ScopedQuerySet, region_code
from portal.errors import Refused
from portal.history import event_model
from portal.listing import KeysFirst, RowList
from portal.months import in_our_time
from portal.spreadsheets.pages import SpreadsheetPages

COMMUNITY = 12  # digits of a community's code
INPUT_ROLES = (Role.CLERK, Role.ACCOUNTANT)
MONEY_ROLES = (Role.ACCOUNTANT,)


def person(request: HttpRequest) -> Any:
    """Return who asks; the admin lets nobody in who has not signed in."""
    return request.user


def scoped(model: type[Model], user: Any, roles: Sequence[Role]) -> QuerySet | None:
    """Return the rows of a model in these roles' regions; None where the model is for everybody."""
    rows = model._default_manager.all()
    return rows.visible_to(user, *roles) if isinstance(rows, ScopedQuerySet) else None


PEOPLE = {"portal.User", "residents.Resident"}
# What the filters of the admin ask of a column they are declared for.
ASKED = {"exact", "isnull", "isempty", "gte", "gt", "lte", "lt", "year", "month", "day"}


def may_ask(model_admin: Any, lookup: str) -> bool:
    """Whether a list may be narrowed so: by what its filters declare, or by one row that its own rows belong to.

    Everything else in an address would let people guess what a list does not show, letter by letter.
    """
    names = {_name_of(one) for one in model_admin.list_filter} | {model_admin.date_hierarchy}
    if lookup in names:
        return True
    path, _dot, asked = lookup.rpartition("__")
    if asked in ASKED and (path in names or path.removesuffix("__id") in names):
        return True
    return any(
        lookup in _ways_to(field)
        for field in model_admin.opts.concrete_fields
        if field.is_relation and field.related_model._meta.label not in PEOPLE
    )


def _name_of(declared: Any) -> str:
    """The name by which a filter is asked: its own, or that of its column."""
    if isinstance(declared, type):
        return declared.parameter_name  # type: ignore[attr-defined]
    return declared[0] if isinstance(declared, tuple) else declared


def _ways_to(field: Any) -> set[str]:
    """Every way to name the one row a foreign key leads to."""
    key = field.target_field.name
    return {field.name, field.attname} | {
        f"{field.name}__{end}" for end in ("exact", f"{key}__exact", "pk__exact", key)
    }


class RoleRights:
    """Rights from access roles: who may look, who may write, and which rows are settled for good."""

    view_roles: Sequence[Role] = STAFF_ROLES
    write_roles: Sequence[Role] = ()
    formfield_overrides: Any = dict.fromkeys((DateField, DateTimeField), {"validators": [in_our_time]})
    can_delete_rows = True

    def is_settled(self, row: Any) -> bool:
        """Tell whether a row went into a posted month and therefore stays as it is."""
        return False

    def may_write(self, request: HttpRequest, row: Any = None) -> bool:
        if row is None or row.pk is None:
            return bool(self.write_roles) and person(request).has_role(*self.write_roles)
        return bool(self.write_roles) and person(request).holds(region_code(row), *self.write_roles)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and person(request).has_role(*self.view_roles)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person(request).has_role(*self.view_roles)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_write(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_write(request, obj) and not (obj is not None and self.is_settled(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete_rows and self.has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows of the regions where the user may write."""
        if "queryset" not in kwargs:
            choices = scoped(db_field.related_model, request.user, self.write_roles)
            if choices is not None:
                kwargs["queryset"] = choices
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class ScopedAdmin(SpreadsheetPages, RoleRights, ModelAdmin):
    """Rows of the user's regions. A row elsewhere does not exist: not in lists, choices or counts.

    `community_from` names the foreign key a row takes its community from; `is_input` says that a month
    is computed from these rows, so that a published draft is checked again after a change.
    """

    community_from: str = ""
    is_input = False
    settled_note: Any = _("这一行已随月份入账，不能再改；要更正请另录一行。")
    list_filter_sheet = False
    list_filter_submit = False
    list_fullwidth = True
    list_per_page = 50
    list_max_show_all = 100
    paginator: type = KeysFirst
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    warn_unsaved_form = True
    empty_value_display = "—"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.visible_to(request.user, *self.view_roles) if isinstance(rows, ScopedQuerySet) else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take from an address what fits its field; what does not is left out, not an error of ours."""
        given = super().get_changeform_initial_data(request)
        columns = {field.name: field for field in self.opts.concrete_fields}
        fits: dict[str, Any] = {}
        for name, text in given.items():
            with suppress(ValidationError):
                fits[name] = columns[name].to_python(text) if name in columns else text
        return fits

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RowList]:
        return RowList

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        return may_ask(self, lookup)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out deleting in bulk: it does not ask row by row whether a row is settled."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if object_id and request.method == "GET":
            row = self.get_object(request, unquote(object_id))
            if self.is_settled(row):
                self.message_user(request, self.settled_note)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Tell what happened to a row and to the rows on its page; a row elsewhere has no history."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("历史：%s") % row,
            "doing": _("历史"),
            "opts": self.opts,
            "object": row,
            "is_kept": event_model(self.model) is not None,
            "steps": changes.story(row, self._below(), user=request.user),
            "most": changes.MOST,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/object_history.html", context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().delete_view(request, object_id, {"doing": _("删除"), **(extra_context or {})})

    def _below(self) -> list[tuple[type[Model], str]]:
        """The tables whose rows are edited on this page, with the column that leads here."""
        return [
            (one.model, _get_foreign_key(self.model, one.model, fk_name=one.fk_name).attname)
            for one in self.inlines
            if event_model(one.model) is not None
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = region_code(obj) if change else ""
        if self.community_from:
            obj.community_id = getattr(obj, self.community_from).community_id
        if self.is_input:
            inputs.hold({before, region_code(obj)})
        super().save_model(request, obj, form, change)
        after = region_code(obj)
        self.wrote(request, obj, "changed" if change else "added", fields=sorted(form.changed_data))
        if self.is_input:
            inputs.changed({before, after}, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        code = region_code(obj)
        if self.is_input:
            inputs.hold({code})
        self.wrote(request, obj, "deleted")
        super().delete_model(request, obj)
        if self.is_input:
            inputs.changed({code}, by=request.user)

    def act_on_each(
        self,
        request: HttpRequest,
        rows: QuerySet,
        act: Callable[[Any], object],
        *,
        roles: Sequence[Role] = (),
    ) -> None:
        """Do one thing to the chosen rows of the user's own regions, each for itself; say every refusal."""
        done = 0
        for row in rows.visible_to(request.user, *(roles or self.write_roles)):  # type: ignore[attr-defined]
            try:
                act(row)
                done += 1
            except Refused as refused:
                said = gettext("%(row)s：%(reason)s") % {"row": row, "reason": refused}
                self.message_user(request, said, messages.ERROR)
        if done:
            text = ngettext("已办理 %d 条。", "已办理 %d 条。", done) % done
            self.message_user(request, text, messages.SUCCESS)

    def log_addition(self, *args: Any) -> Any:
        """Django's own log would keep how people were called; the audit and the history say who did what."""

    log_change = log_deletions = log_addition

    def wrote(self, request: HttpRequest, obj: Any, what: str, **data: Any) -> None:
        """Record who wrote what; names of fields only, their contents stay where they are."""
        code = region_code(obj)
        audit.record(
            f"{self.opts.model_name}.{what}", obj, by=request.user, region=code or None, pk=obj.pk, **data
        )


class LoadedChoice(AutocompleteSelect):
    """A choice that knows the row chosen already, so that it is not asked for once more."""

    loaded: Model | None = None

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        if self.loaded is None or list(value) != [str(self.loaded.pk)]:
            return super().optgroups(name, value, attr)
        option = self.create_option(name, value[0], str(self.loaded), True, 0)
        return [(None, [option], 0)]


class LoadedChoices(BaseInlineFormSet):
    """Rows whose choices were loaded with them: the same queries for one row or a hundred.

    In a table no field has a label of its own: each says the name of its column.
    """

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs.setdefault("aria-label", field.label)
            if isinstance(widget, LoadedChoice) and form.instance.pk:
                widget.loaded = form.instance._state.fields_cache.get(name)


class ScopedTabularInline(RoleRights, TabularInline):
    """Rows of another model on a page, with their own roles."""

    extra = 0
    tab = False
    hide_title = True  # a row says itself in its columns
    empty_value_display = "—"
    formset = LoadedChoices
    select_related: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).visible_to(request.user, *self.view_roles)
        return rows.select_related(*self.select_related) if self.select_related else rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", LoadedChoice(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class AppendOnlyAdmin(ScopedAdmin):
    """The books: to be looked at, searched and printed; nothing here is added, changed or deleted by hand."""

    can_delete_rows = False
    not_imported: Any = _("这张表只能看和导出，由系统记入。")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CommunityForm(forms.ModelForm):
    """A form whose community is chosen by hand, once; afterwards it stays."""

    community: Any = forms.ModelChoiceField(None, label=_("社区"))

    def _get_validation_exclusions(self) -> set[str]:
        """A community that is chosen is held against the rules of the row; one that lacks is said once."""
        chosen = {"community"} if self.cleaned_data.get("community") else set()
        return super()._get_validation_exclusions() - chosen  # type: ignore[misc]

    def clean(self) -> Any:
        cleaned = super().clean()
        if chosen := self.cleaned_data.get("community"):
            self.instance.community = chosen
        return cleaned


class CommunityRowAdmin(ScopedAdmin):
    """Rows that belong to a community directly, with a choice of the communities where one may write."""

    form = CommunityForm
    exclude = ["community"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = list(super().get_readonly_fields(request, obj))
        return ["community", *fixed] if obj else fixed

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "community" in form.base_fields:
            key = self.model._meta.get_field("community")
            form.base_fields["community"] = forms.ModelChoiceField(
                scoped(key.related_model, request.user, self.write_roles),
                label=key.verbose_name,
                widget=AutocompleteSelect(key, self.admin_site),
            )
            form.base_fields["community"].initial = self._only_community(request)
        return form

    def _only_community(self, request: HttpRequest) -> str | None:
        """Whoever works for one community has no other to choose."""
        prefixes = person(request).region_prefixes(*self.write_roles)
        return prefixes[0] if len(prefixes) == 1 and len(prefixes[0]) == COMMUNITY else None


def money_text(amount: Any) -> str | Promise:
    """Write money with thousands separators, two decimals and a real minus sign; a dash for none."""
    if amount is None:
        return "—"
    return f"{amount:,.2f}".replace("-", "−")


def quantity_text(quantity: Any) -> str:
    """Write a quantity or factor with its own decimals, without trailing zeros."""
    if quantity is None:
        return "—"
    whole = f"{quantity:,f}"
    return (whole.rstrip("0").rstrip(".") if "." in whole else whole).replace("-", "−")
