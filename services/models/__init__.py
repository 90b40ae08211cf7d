from services.models.agreements import Agreement
from services.models.licences import Licence
from services.models.providers import Provider, ProviderMember

__all__ = ["Agreement", "Licence", "Provider", "ProviderMember"]
