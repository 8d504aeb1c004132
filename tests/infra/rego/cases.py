"""Rules whose answers two engines must agree on: ours, and Open Policy Agent's own.

Each case is a body of a package `lockgate` and an input. The answers in `golden.json` were
computed by real OPA, as its `provenance` says; tests/contract/test_rego_oracle.py does it again.
"""

RELEASE = {
    "environment": "production",
    "at": "2026-12-18T16:30:00Z",
    "requestedBy": "carl",
    "release": {
        "metadata": {"name": "shop-2026.12"},
        "spec": {
            "change": {"summary": "a better checkout", "ticket": None},
            "services": [
                {"name": "checkout", "version": "2.10.0", "migration": "contract"},
                {"name": "payments", "version": "2.9.1", "migration": "none"},
            ],
        },
    },
    "plan": {
        "stages": [
            {"environment": "staging", "promotions": [{"service": "checkout", "weights": [100]}]},
            {
                "environment": "production",
                "promotions": [
                    {"service": "checkout", "weights": [5, 50, 100]},
                    {"service": "payments", "weights": [25, 100]},
                ],
            },
        ]
    },
    "catalog": {"people": {"ana": {"roles": ["sre"]}, "eve": {"roles": ["product", "sre"]}}},
    "facts": {"change": {"authors": ["ana", "carl"], "files": 42}, "onCall": None},
}

CASES = {
    "a set of texts": 'deny contains "always"\ndeny contains "never" if false',
    "some in": """deny contains msg if {
    some stage in input.plan.stages
    stage.environment == input.environment
    some promotion in stage.promotions
    promotion.weights[0] > 10
    msg := sprintf("%s begins with %d %%", [promotion.service, promotion.weights[0]])
}""",
    "every": """warn contains "not all are small" if {
    not all_small
}
all_small if {
    every promotion in input.plan.stages[1].promotions { promotion.weights[0] <= 25 }
}""",
    "a missing field does not fire": 'deny contains "x" if input.release.spec.nothing.at.all > 3',
    "not of a missing field": 'deny contains "no owner" if not input.release.spec.owner',
    "null is not missing": 'warn contains "no ticket" if input.release.spec.change.ticket == null',
    "null is not false": 'deny contains "x" if not input.facts.onCall',
    "a field below null": 'deny contains "x" if input.facts.onCall.pages == 0',
    "default and else": """default level := "low"
level := "high" if { input.facts.change.files > 100 } else := "medium" if {
    input.facts.change.files > 10
}
warn contains level""",
    "a function": """grown(weights) := weights[1] / weights[0]
warn contains msg if {
    some promotion in input.plan.stages[1].promotions
    grown(promotion.weights) >= 10
    msg := sprintf("%v grows tenfold", [promotion.service])
}""",
    "objects as messages": """require contains {"role": role, "msg": "contract", "count": 2} if {
    some service in input.release.spec.services
    service.migration == "contract"
    role := "dba"
}""",
    "a freeze by the clock": """deny contains "the year ends" if {
    at := time.parse_rfc3339_ns(input.at)
    at >= time.parse_rfc3339_ns("2026-12-15T00:00:00Z")
    at < time.parse_rfc3339_ns("2027-01-04T06:00:00Z")
}""",
    "a freeze that is over": """deny contains "frozen" if {
    time.parse_rfc3339_ns(input.at) < time.parse_rfc3339_ns("2026-12-01T00:00:00Z")
}""",
    "the day of the week": """deny contains "Friday afternoon" if {
    at := time.parse_rfc3339_ns(input.at)
    time.weekday(at) == "Friday"
    [hour, _, _] := time.clock([at, "Europe/Berlin"])
    hour >= 15
}""",
    "versions": """warn contains service.name if {
    some service in input.release.spec.services
    semver.compare(service.version, "2.9.5") > 0
}""",
    "sets": """roles := {role | some person in input.catalog.people; some role in person.roles}
warn contains role if some role in roles - {"sre"}
warn contains "both" if roles == {"product", "sre"}
warn contains "count" if count(roles & {"sre", "dba"}) == 1""",
    "the author asks": """deny contains "its author asks for it" if {
    input.requestedBy in input.facts.change.authors
}""",
    "regular expressions": """warn contains parts[0][1] if {
    parts := regex.find_all_string_submatch_n(`^shop-(\\d+)\\.`, input.release.metadata.name, 1)
}
warn contains "matches" if regex.match(`\\bbetter\\b`, input.release.spec.change.summary)""",
    "globs": """warn contains "glob" if glob.match("shop-*", [], input.release.metadata.name)
warn contains "no glob" if glob.match("pay*", [], input.release.metadata.name)""",
    "texts": """warn contains upper(trim_prefix(input.release.metadata.name, "shop-"))
warn contains concat("+", [s.name | some s in input.release.spec.services])
warn contains "in" if contains(input.release.spec.change.summary, "check")
warn contains split("a,b,c", ",")[1]
warn contains replace("a-b", "-", "_")
warn contains format_int(255, 16)
warn contains substring("abcdef", 2, 3)
warn contains "é" if count("é") == 1""",
    "numbers": """warn contains sprintf("%v", [sum([n | some n in [1, 2.5, 3]])])
warn contains sprintf("%v", [max(input.plan.stages[1].promotions[0].weights)])
warn contains sprintf("%d", [round(2.5)])
warn contains sprintf("%v", [7 % 4])
warn contains sprintf("%v", [to_number("12")])""",
    "objects": """warn contains object.get(input, ["release", "spec", "tier"], "none")
warn contains k if some k, _ in object.remove({"a": 1, "b": 2}, ["a"])
warn contains "keys" if object.keys({"a": 1}) == {"a"}
warn contains "union" if object.union({"a": 1}, {"a": 2}).a == 2""",
    "walk": """warn contains concat(".", path) if {
    walk(input.catalog.people.eve, [path, value])
    value == "product"
}""".replace('concat(".", path)', 'sprintf("%v", [path])'),
    "networks": 'warn contains "inside" if net.cidr_contains("10.0.0.0/8", "10.1.2.3")',
    "order of kinds": """warn contains "number before text" if 1 < "a"
warn contains "null before number" if null < 0""",
    "a rule over rules": """deny contains "steep" if {
    input.plan.stages[1].promotions[1].weights[0] > 20
}
require contains {"role": "sre", "msg": "denied once"} if count(deny) == 1""",
    "with": """low if input.facts.change.files < 10
warn contains "low" if low with input.facts.change.files as 3""",
    "a comprehension that groups": """by_role[role] contains name if {
    some name, person in input.catalog.people
    some role in person.roles
}
warn contains sprintf("%s %d", [role, count(names)]) if some role, names in by_role""",
    "json": 'warn contains json.unmarshal("{\\"a\\": [1, \\"two\\"]}").a[1]',
    "base64": 'warn contains base64.decode("aGVsbG8=")',
    "text that is sorted": 'warn contains concat(",", sort(["b", "a"]))',
}
