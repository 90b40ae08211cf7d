"""Content security policy: strict everywhere; the admin's Alpine needs a little more."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class PathCSPMiddleware(CSPMiddleware):
    """Widen the policy under /admin/ and nowhere else."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            parts.update = {**settings.CSP_UNDER_ADMIN, **(parts.update or {})}
        return parts
