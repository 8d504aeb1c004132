from workflows.domain.canary.counters import ArmTotals
from workflows.domain.canary.spans import Mark, Span
from workflows.domain.canary.windows import ArmWindow


def test_a_mark_survives_the_heartbeat_that_carries_it():
    totals = ArmTotals(values={"requests": 3}, histograms={"latency": (1, 2)}, since=5.0)
    mark = Mark(at=1.5, totals={"a-1": {"envoy": totals}}, bounds={"latency": (10.0,)})

    assert Mark.model_validate_json(mark.model_dump_json()) == mark


def test_a_span_tells_the_edges_that_its_mark_keeps():
    mark = Mark(at=1.5, bounds={"latency": (10.0,)})
    span = Span(mark=mark, arms={"a-1": ArmWindow(histograms={"latency": (1, 2)}), "a-2": None})

    assert span.bounds == {"latency": (10.0,)}
