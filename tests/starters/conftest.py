"""A release with its catalog in the current folder, to be spoilt by tests."""

import pytest

from starters.pages import shapes
from workflows.domain.spec import KINDS
from workflows.domain.spec.journey import Journey

RELEASE = f"""\
apiVersion: lockgate.dev/v1alpha1
kind: Release
metadata: {{name: shop-v2}}
spec:
  change: {{summary: A better checkout}}
  services:
    - name: checkout
      version: v2
      artifact: {{digest: sha256:{"a" * 64}}}
      dependsOn: [payments]
    - name: payments
      version: v2
      artifact: {{digest: sha256:{"b" * 64}}}
  environments:
    - name: staging
    - name: production
"""
CATALOG = """\
apiVersion: lockgate.dev/v1alpha1
kind: Service
metadata: {name: checkout}
spec:
  owner: team-shop
  builds: {type: s3, connection: builds}
  dataChecks:
    - {name: no-orphans, query: SELECT 0, expect: 0}
---
apiVersion: lockgate.dev/v1alpha1
kind: Service
metadata: {name: payments}
spec: {owner: team-shop, builds: {type: s3, connection: builds}}
---
apiVersion: lockgate.dev/v1alpha1
kind: Environment
metadata: {name: staging}
spec:
  artifacts: {type: s3, connection: staging}
  platform: {type: supervisor, connection: staging}
  router: {type: envoy, connection: staging}
  metrics: {type: prometheus, connection: staging}
  strategyRef: direct
---
apiVersion: lockgate.dev/v1alpha1
kind: Environment
metadata: {name: production}
spec:
  artifacts: {type: s3, connection: production}
  platform: {type: supervisor, connection: production}
  router: {type: envoy, connection: production}
  metrics: {type: prometheus, connection: production}
  database: {type: postgresql, connection: production}
  strategyRef: canary
  policyRef: guarded
"""
RULES = """\
apiVersion: lockgate.dev/v1alpha1
kind: Strategy
metadata: {name: direct}
spec: {steps: [{setWeight: 100}]}
---
apiVersion: lockgate.dev/v1alpha1
kind: Strategy
metadata: {name: canary}
spec:
  steps:
    - setHeaderRoute: {match: [{headerName: x-canary, headerValue: {exact: "1"}}]}
    - setWeight: 10
    - analysis: {templates: [{templateName: golden}], duration: 10m, interval: 1m, minDuration: 2m}
    - pause: {duration: 5m}
    - setWeight: 100
---
apiVersion: lockgate.dev/v1alpha1
kind: AnalysisTemplate
metadata: {name: golden}
spec:
  metrics:
    - {name: errors, type: errorRatio, compare: {tolerance: 0.05}}
    - {name: latency, type: latencyQuantile, quantile: 0.95, compare: {tolerance: 0.2}}
---
apiVersion: lockgate.dev/v1alpha1
kind: Policy
metadata: {name: guarded}
spec: {identity: asserted, approvals: {require: [{role: sre, count: 1}], expireAfter: 1h}}
---
apiVersion: lockgate.dev/v1alpha1
kind: Person
metadata: {name: ana}
spec: {roles: [sre]}
---
apiVersion: lockgate.dev/v1alpha1
kind: Person
metadata: {name: ben}
spec: {roles: [sre]}
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """The current folder: `release.yaml`, `catalog/shop.yaml` and `catalog/rules.yaml`."""
    (tmp_path / "catalog").mkdir()
    (tmp_path / "release.yaml").write_text(RELEASE, encoding="utf-8")
    (tmp_path / "catalog" / "shop.yaml").write_text(CATALOG, encoding="utf-8")
    (tmp_path / "catalog" / "rules.yaml").write_text(RULES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def spoil(shop):
    """Replace text in a file of the shop, where it first occurs."""

    def spoil(name, old, new):
        path = shop / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


@pytest.fixture
def journeys(monkeypatch):
    """The kind with mappings of free names, short forms, and fields under another name."""
    monkeypatch.setitem(KINDS, "Journey", Journey)
    _forget_shapes()
    yield
    _forget_shapes()


def _forget_shapes():
    shapes._all_meanings.cache_clear()
    shapes.shape.cache_clear()


SLOS = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout-availability, displayName: Checkout answers}
spec:
  service: checkout
  indicatorRef: checkout-answers
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: checkout-answers}
spec:
  ratioMetric:
    counter: true
    good: {metricSource: {type: Prometheus, spec: {query: 'http_total{code!~"5.."}'}}}
    total: {metricSource: {type: Prometheus, spec: {query: http_total}}}
"""


@pytest.fixture
def slos(spoil, shop):
    """An objective in `catalog/slos.yaml`, which checkout keeps and the analysis compares."""
    (shop / "catalog" / "slos.yaml").write_text(SLOS, encoding="utf-8")
    owner = "spec:\n  owner: team-shop\n"
    spoil("catalog/shop.yaml", owner, f"{owner}  slos: [checkout-availability]\n")
    metric = "    - {name: availability, type: slo, sloRef: checkout-availability}\n"
    spoil("catalog/rules.yaml", "  metrics:\n", f"  metrics:\n{metric}")
    return shop / "catalog" / "slos.yaml"
