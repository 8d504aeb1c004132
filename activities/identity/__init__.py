"""Who people are: the kinds of issuers whose tokens are verified."""

from activities.identity.activities import IdentityActivities
from activities.identity.issuer import Issuer
from activities.identity.keys import IssuerKeys

__all__ = ["IdentityActivities", "Issuer", "IssuerKeys"]
