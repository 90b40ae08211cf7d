"""The talks about a site: each step is a note, and only the moves of the table lead to another state."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from facilities.models import Site, SiteNote, SiteState
from facilities.models.sites import SITE_MOVES
from portal import audit
from portal.errors import Refused


class SiteRefused(Refused):
    """A move that the state of a site does not allow."""


@transaction.atomic
def note(site: Site, text: str, *, by: Any, state: str = "") -> SiteNote:
    """Write down a step of the talks; with a state, the site moves there."""
    row = Site.objects.select_for_update(of=("self",)).get(pk=site.pk)
    before, after = row.state, state or row.state
    if after != before:
        check(row, after)
        row.state = after
        row.save(update_fields=["state"])
    elif not text.strip():
        raise SiteRefused(_("请写明谈了什么。"))
    site.state = row.state
    made = SiteNote.objects.create(
        site=row,
        community_id=row.community_id,
        by=by,
        text=text.strip() or str(SiteState(after).label),
        from_state=before,
        to_state=after,
    )
    audit.record("site.noted", row, by=by, before=before, after=after)
    return made


def move(site: Site, state: str, *, by: Any, text: str = "") -> SiteNote:
    """Move a site to a state; nothing happens if it is there already and nothing is said."""
    if site.state == state and not text.strip():
        raise SiteRefused(_("场地已经是“%s”。") % SiteState(state).label)
    return note(site, text, by=by, state=state)


def check(site: Site, state: str) -> None:
    """Refuse a move that the table does not know, or for which something is missing."""
    if state not in SITE_MOVES[site.state]:
        names = "、".join(str(one.label) for one in SITE_MOVES[site.state])
        text = _("“%(site)s”现在是“%(now)s”，只能转为：%(next)s。")
        raise SiteRefused(text % {"site": site, "now": site.get_state_display(), "next": names})
    if state in (SiteState.RESERVED, SiteState.IN_USE) and not site.acquisition:
        raise SiteRefused(_("“%s”还没有填取得方式，填好再预留或使用。") % site)
