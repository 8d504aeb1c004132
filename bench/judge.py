"""The canary judge on labelled cases, beside the rules that people use today."""

from bench.judging.cases import load_cases, run_cases
from bench.judging.scores import scored

JUDGES = {
    "ours": ("bench.judge_adapter:make_judge", {}),
    "Kayenta, once": ("bench.rivals.kayenta:make", {"judgements": 1}),
    "Kayenta, 3 x 20 min": ("bench.rivals.kayenta:make", {"judgements": 3}),
    "Argo, absolute": ("bench.rivals.argo:make", {"absolute": True}),
    "Argo, relative": ("bench.rivals.argo:make", {"absolute": False}),
    "Flagger": ("bench.rivals.flagger:make", {}),
}


def main():
    cases = load_cases()
    for name, (factory, options) in JUDGES.items():
        s = scored(run_cases(factory, cases, options))
        s.pop("families")
        print(name, s)


if __name__ == "__main__":
    main()
