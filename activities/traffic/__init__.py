"""Traffic: one adapter for each type of router that an environment may name."""

from typing import Final

from activities.traffic.alb import AlbRouter
from activities.traffic.envoy import EnvoyRouter
from activities.traffic.route53 import Route53Router

ROUTERS: Final = {"alb": AlbRouter, "envoy": EnvoyRouter, "route53": Route53Router}
"""The `type` of a router in a catalog or in the settings, to the adapter that drives it."""
