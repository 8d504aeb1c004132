"""Answers cases by real Open Policy Agent; run by the Python of `.venv-opa`, JSON in and out."""

import json
import sys

from opa_bindings import OpaEngine, OpaError

SAYINGS = ("deny", "warn", "require")


def answers(cases, given):
    found = {}
    for name, body in cases.items():
        with OpaEngine() as engine:
            try:
                engine.add_policy("case.rego", f"package lockgate\n\n{body}\n")
                document = engine.eval_document("lockgate", given)
            except OpaError as error:
                found[name] = {"error": str(error).splitlines()[0]}
                continue
        found[name] = {said: document[said] for said in SAYINGS if said in document}
    return found


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump(answers(asked["cases"], asked["input"]), sys.stdout)
