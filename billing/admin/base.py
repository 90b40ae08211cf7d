from typing import Any

from portal.admin_base import CommunityRowAdmin, ScopedAdmin


class InputAdmin(ScopedAdmin):
    """Rows that a month is computed from; once a posted month took one, it stays."""

    is_input = True

    def is_settled(self, row: Any) -> bool:
        return getattr(row, "close_id", None) is not None


class MovementAdmin(InputAdmin, CommunityRowAdmin):
    """Money of a community: its community is chosen once."""
