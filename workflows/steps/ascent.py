"""What one climb knows of itself: where it stands, and what it has seen so far."""

from workflows.domain.canary.harm import Harm, HarmBudget, Served
from workflows.domain.canary.traffic import Traffic
from workflows.domain.canary.watch import Carried
from workflows.domain.journeys.plan import Synthetic
from workflows.domain.release.plan import HeaderRoute
from workflows.domain.release.promotion import PromotionOrder
from workflows.domain.values import Digest, Percent
from workflows.steps.steering import Steering
from workflows.steps.tale import PromotionTale


class Ascent:
    """One promotion's way from no traffic to all of it."""

    def __init__(
        self, order: PromotionOrder, baseline: Digest, steering: Steering, tale: PromotionTale
    ) -> None:
        self.order = order
        self.promotion = order.promotion
        self.target = order.promotion.target
        self.baseline = baseline
        self.steering = steering
        self.tale = tale
        self.header: HeaderRoute | None = None
        self.percent: Percent = 0
        self.carried: Carried | None = None
        self.served = Served()
        self.mirror: Percent = 0
        self.flags = {state.key: state for state in order.flags}
        self.repeats: Synthetic | None = None

    @property
    def canary(self) -> Digest:
        return self.promotion.artifact.digest

    @property
    def traffic(self) -> Traffic:
        return self.order.traffic or Traffic(known=False, reason="it was not measured")

    @property
    def budget(self) -> HarmBudget | None:
        return self.order.budget

    @property
    def spent(self) -> Harm:
        """What the release has cost until now, its earlier promotions included."""
        return self.order.spent + self.served.harm
