from services.admin.agreements import AgreementAdmin
from services.admin.providers import ProviderAdmin

__all__ = ["AgreementAdmin", "ProviderAdmin"]
