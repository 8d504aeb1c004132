"""The demo of environments: they come, are warned of, extended and held, and go without a trace.

Everything is real but the cloud, which is an emulator of AWS on this machine: CloudFormation makes
buckets, queues, tables, security groups and databases there, by the code that speaks to AWS. It
forgets all of it when the stack goes down.
"""

import os
import subprocess
import sys
from pathlib import Path

from examples.environments.by_hand import ByHand
from examples.environments.typed import (
    CATALOG,
    LOCKGATE,
    DemoFailed,
    becomes,
    lockgate,
    proves,
    typed,
    until,
    view,
)

HOME = Path(os.environ.get("LOCKGATE_HOME", ".lockgate"))
FORGOTTEN = {
    "lockgate:environment": "forgotten",
    "lockgate:team": "team-shop",
    "lockgate:owner": "ben",
    "lockgate:purpose": "a load test in spring",
}
REFUSED, ROLLED_BACK, DRIFTED = 10, 20, 30


def request(name: str, template: str, *more: str, purpose: str, code: int = 0) -> str:
    """Ask for an environment and wait until it is there, or is not to be had."""
    words = ("env", "request", name, "--template", template, "--catalog", CATALOG)
    return typed(*words, "--purpose", purpose, "--by", "ana", *more, "--wait", code=code)


def fails_half_way(hands: ByHand) -> None:
    print("\n== A template that fails half-way leaves nothing", flush=True)
    request("broken", "broken", purpose="see it fail", code=ROLLED_BACK)
    failed = view("broken")
    proves("it has failed, and says why", holds=failed["phase"] == "Failed")
    proves("the resource is named", holds="Returns" in failed["reason"])
    proves("nothing of it exists", holds=hands.count("broken") == [])


def is_one(hands: ByHand) -> None:
    print("\n== A name is one environment, however often it is asked for", flush=True)
    request("pr-7", "preview", purpose="the new checkout")
    made = hands.count("pr-7")
    proves(f"{len(made)} things exist, its stack among them", holds=len(made) == 6)
    request("pr-7", "preview", purpose="the new checkout")
    proves("asked for again, it is the same one", holds=hands.count("pr-7") == made)
    request("pr-7", "preview", "--set", "Size=large", purpose="the new checkout", code=REFUSED)
    proves("asked for otherwise, it is refused", holds=hands.count("pr-7") == made)


def drifts(hands: ByHand) -> None:
    print("\n== Somebody changes a queue by hand; the schedule finds out", flush=True)
    hands.change_queue("pr-7", timeout=77)
    typed("schedules", "trigger", "lockgate-drift")
    until("the drift is found", lambda: bool(view("pr-7").get("drift")))
    told = typed("env", "diff", "pr-7", "--catalog", CATALOG, code=DRIFTED)
    proves("the queue and both values are named", holds="Orders" in told and "77" in told)


def is_orphaned(hands: ByHand) -> None:
    print("\n== A queue that nobody owns any more; the sweep finds and removes it", flush=True)
    hands.plant_queue("forgotten-orders", FORGOTTEN)
    proves("there it is, with our tags", holds=hands.queues("forgotten") == ["forgotten-orders"])
    typed("schedules", "trigger", "lockgate-orphans")
    until("the queue is gone", lambda: hands.queues("forgotten") == [])
    becomes("forgotten", "Removed")
    proves("what lives was left alone", holds=len(hands.count("pr-7")) == 6)


def lives_and_ends(hands: ByHand) -> None:
    print("\n== Warned, extended, expired, torn down", flush=True)
    request("pr-8", "brief", purpose="the new cart")
    hands.put_object("pr-8", "receipt.pdf")
    becomes("pr-8", "Expiring")
    before = view("pr-8")["expiresAt"]
    typed("env", "extend", "pr-8", "--for", "10s", "--reason", "late review", "--by", "ana")
    extended = view("pr-8")
    proves("it ends later", holds=extended["expiresAt"] > before)
    gone = becomes("pr-8", "Removed")["removal"]
    proves("nothing of it exists", holds=hands.count("pr-8") == [])
    proves(
        "a census by tag before and after says so",
        holds=len(gone["before"]["resources"]) >= 5 and gone["after"]["resources"] == [],
    )
    proves("the database's final snapshot is kept", holds=len(hands.snapshots("pr-8")) == 1)
    proves(f"it saves {gone['savedPerMonth']} EUR a month", holds=bool(gone["savedPerMonth"]))


def is_held(hands: ByHand) -> None:
    print("\n== A hold outlives its time, and the nightly teardown", flush=True)
    becomes("pr-9", "Held")
    made = hands.count("pr-9")
    typed("schedules", "trigger", "lockgate-expired")
    typed("schedules", "trigger", "lockgate-orphans")
    until("both have ended", lambda: "running" not in lockgate("schedules", "list").lower())
    proves("all of it is there", holds=hands.count("pr-9") == made != [])
    typed("env", "hold", "pr-9", "--lift", "--reason", "the auditors are done", "--by", "ben")
    becomes("pr-9", "Removed")
    proves("nothing of it exists", holds=hands.count("pr-9") == [])


def reports() -> None:
    print("\n== What there is, and what it costs", flush=True)
    told = typed("env", "report")
    proves("it names the team, and the port open to the world", holds="443" in told)


def main() -> int:
    print("== The local stack, with the AWS emulator", flush=True)
    subprocess.run([LOCKGATE, "dev", "up", "--without", "load", "--with", "aws"], check=True)  # noqa: S603 - our own command line
    hands = ByHand(HOME)
    fails_half_way(hands)
    is_one(hands)
    drifts(hands)
    is_orphaned(hands)
    request("pr-9", "brief", purpose="an incident")
    typed("env", "hold", "pr-9", "--reason", "evidence of an incident", "--by", "ben")
    lives_and_ends(hands)
    is_held(hands)
    reports()
    print("\n== The last one goes by command", flush=True)
    typed("env", "teardown", "pr-7", "--reason", "merged", "--by", "ana", "--wait")
    proves("nothing of it exists", holds=hands.count("pr-7") == [])
    typed("env", "census", "--catalog", CATALOG)
    typed("env", "list", "--all")
    if os.environ.get("LOCKGATE_DEMO_KEEP") != "1":
        print("The stack stops now, and the emulator forgets what it had.")
        subprocess.run([LOCKGATE, "dev", "down"], check=True)  # noqa: S603 - our own command line
    print("\ndemo: passed")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (DemoFailed, subprocess.CalledProcessError) as error:
        print(f"\ndemo: failed: {error}", file=sys.stderr)
        sys.exit(1)
