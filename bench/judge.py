"""The canary judge on labelled cases, beside the rules that people use today.

`--quick` leaves out the ablations and the simulations.
"""

import argparse
import json
from pathlib import Path

from bench.judging.cases import load_cases, run_cases
from bench.judging.figures import claims
from bench.judging.scores import scored
from bench.judging.studies import boundary_study, peeking_study

OUT = Path("bench/out/judge.json")
OURS = "bench.judge_adapter:make_judge"
JUDGES = {
    "Lockgate": (OURS, {}),
    "Kayenta, once": ("bench.rivals.kayenta:make", {"judgements": 1}),
    "Kayenta, 3 x 20 min": ("bench.rivals.kayenta:make", {"judgements": 3}),
    "Argo, absolute": ("bench.rivals.argo:make", {"absolute": True}),
    "Argo, relative": ("bench.rivals.argo:make", {"absolute": False}),
    "Flagger": ("bench.rivals.flagger:make", {}),
}
ABLATIONS = {
    "without blip clipping": (OURS, {"blip": 0.0}),
    "without warm-up": (OURS, {"burn_in": 0.0, "settling": 0.0, "decay": 0.0}),
    "with early promotion": (OURS, {"early_promotion": True}),
}
COLUMNS = "      false  worst  power  median   p95  mean  exposed  clear     ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    cases = load_cases()
    print(f"{len(cases)} labelled cases; minutes to detect; 'clear': errors x2, latency +25 %")
    print(f"{'':20}{COLUMNS}")
    found = {name: _measured(name, cases) for name in (JUDGES if quick else JUDGES | ABLATIONS)}
    studies = {} if quick else {"boundary": boundary_study(), "peeking": peeking_study()}
    reached = claims(found["Lockgate"], studies)
    print()
    for claim in reached:
        print(f"{'reached' if claim['reached'] else 'MISSED':8} {claim['says']}: {claim['found']}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(
        json.dumps({"judges": found, "studies": studies, "claims": reached}, indent=1) + "\n",
        encoding="utf-8",
    )


def _measured(name, cases):
    figures = scored(run_cases(*_factory(name, cases)))
    print(_line(name, figures), flush=True)
    return figures


def _factory(name, cases):
    factory, options = (JUDGES | ABLATIONS)[name]
    return factory, cases, options


def _line(name, f):
    return (
        f"{name:22}{f['false']:>4} {100 * f['false_rate']:4.1f} %{f['worst_family_false']:>7}"
        f"{f['power']:>7.2f}{f['median_minutes']:>8.1f}{f['p95_minutes']:>6.0f}"
        f"{f['restricted_minutes']:>6.1f}{f['exposed']:>9.2f}{f['obvious']['power']:>7.2f}"
        f"{f['cpu_ms']:>7.2f}"
    )


if __name__ == "__main__":
    main()
