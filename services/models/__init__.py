from services.models.agreements import Agreement
from services.models.providers import Provider, ProviderMember

__all__ = ["Agreement", "Provider", "ProviderMember"]
