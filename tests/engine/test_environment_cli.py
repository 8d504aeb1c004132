"""`lockgate env` against environments that really live, from the words typed to the exit code."""

import asyncio
import json
import uuid
from pathlib import Path
from threading import Event

import pytest
import pytest_asyncio

from starters.environments import beginning, reclaiming
from starters.exit_codes import ExitCode
from tests.environments import STACK
from workflows.domain.environments.census import Tag
from workflows.domain.environments.commands import Ended
from workflows.domain.errors import Refused, Unavailable
from workflows.domain.names import environment_id
from workflows.ports.environments import OpenPort

PREVIEW = """\
apiVersion: lockgate.dev/v1alpha1
kind: EnvironmentTemplate
metadata: {name: preview}
spec:
  owner: %(team)s
  template: {file: templates/preview.yaml}
  provider: {type: cloudformation, connection: preview}
  parameters:
    Size: {allowed: [small, large], default: small}
  lease: {ttl: 3d, longest: 14d, warnBefore: [1h]}
  extension: {times: 1, by: 2d, money: 50}
  prices:
    currency: EUR
    resources:
    - {type: "AWS::S3::Bucket", perHour: 0.01}
    - {type: "AWS::SQS::Queue", by: Size, perHourBy: {small: 0.02, large: 0.2}}
"""


@pytest.fixture
def team():
    """A team of this test's own, so that what others left is not counted."""
    return f"team-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def catalog(tmp_path, monkeypatch, team):
    (tmp_path / "catalog" / "templates").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    Path("catalog/preview.yaml").write_text(PREVIEW % {"team": team}, encoding="utf-8")
    Path("catalog/templates/preview.yaml").write_text(STACK, encoding="utf-8")
    return Path("catalog")


@pytest.fixture
def edit_stack(catalog):
    def edit(was, now):
        text = STACK.replace(was, now)
        (catalog / "templates/preview.yaml").write_text(text, encoding="utf-8")

    return edit


@pytest.fixture
def cloud(world):
    return world.environments.cloud


@pytest.fixture
def on_this_queue(queue, monkeypatch):
    """What the command line starts goes to the test's own worker."""
    for start in (beginning.request, reclaiming.reclaim):
        monkeypatch.setattr(start, "__kwdefaults__", {"queue": queue})


@pytest_asyncio.fixture(loop_scope="session")
async def ask(client, worker, catalog, on_this_queue, lockgate):
    """Type a request, with a name of its own; what lives at the end of the test is terminated."""
    names = []

    async def typed(*words, name=None, wait=True):
        names.append(name or f"pr-{uuid.uuid4().hex[:8]}")
        request = ("request", names[-1], "--template", "preview", "--purpose", "the new checkout")
        waiting = ("--wait", "--timeout", "20s") if wait else ()
        return (names[-1], *await lockgate("env", *request, *waiting, *words))

    yield typed
    for name in dict.fromkeys(names):
        handle = client.get_workflow_handle(environment_id(name))
        async for run in client.list_workflows(f"WorkflowId = '{handle.id}'"):
            if run.close_time is None:
                await handle.terminate("the test is over")
                break


def from_json(out):
    """What a command printed, without what the worker beside it logs."""
    lines = out.splitlines()
    first = next(at for at, line in enumerate(lines) if line[:1] in {"{", "["})
    return json.loads("\n".join(lines[first:]))


async def until(typed, holds):
    """Type again until *holds*: what is searched lags behind by a moment."""
    async with asyncio.timeout(15):
        while True:
            answer = await typed()
            if holds(answer):
                return answer
            await asyncio.sleep(0.1)


async def test_an_environment_is_asked_for_and_followed_until_it_stands(ask, cloud):
    name, code, out, err = await ask()

    assert (code, err) == (ExitCode.OK, "")
    assert f"requested  {name}\n" in out
    assert "the catalog has no address of ana: nobody is told of its end" in out
    assert f"environment={name} phase=Ready" in out
    assert f"output=Bucket value={name}-bucket" in out
    assert {each.tags[Tag.OWNER] for each in cloud.of(name)} == {"ana"}


async def test_whoever_asks_for_somebody_else_is_named(ask, lockgate):
    name, *_ = await ask("--by", "a-pipeline", "--owner", "ben")

    _, shown, _ = await lockgate("env", "show", name)

    assert "owner      ben, team" in shown
    assert "asked by   a-pipeline" in shown


async def test_two_requests_for_one_name_are_one_environment(ask, cloud, client):
    name, *_ = await ask()

    _, code, out, _ = await ask(name=name, wait=False)
    _, as_json, told, _ = await ask("-o", "json", name=name, wait=False)
    _, bens, noted, _ = await ask("--owner", "ben", name=name, wait=False)

    assert (code, as_json, bens) == (ExitCode.OK,) * 3
    assert f"there already  {name}\n" in out
    assert "the same request is the same environment" in out
    found = from_json(told)
    assert (found["started"], found["phase"]) == (False, "Ready")
    assert "it is owned by ana, for: the new checkout" in noted
    assert cloud.methods().count("create_environment") == 1


async def test_another_request_for_the_name_is_refused_with_the_difference(ask, cloud):
    name, *_ = await ask()

    _, code, out, err = await ask("--set", "Size=large", name=name)

    assert (code, out) == (ExitCode.DENIED, "")
    assert f"{name} is there already, owned by ana, and is another one" in err
    assert "  parameters.Size: small | large" in err
    assert cloud.methods().count("create_environment") == 1


async def test_one_that_cannot_be_made_exits_with_20_and_says_why(ask, cloud, lockgate):
    cloud.breaks["Orders"] = "the limit of queues is reached"

    name, code, out, _ = await ask()
    _, shown, _ = await lockgate("env", "show", name)

    assert code == ExitCode.ROLLED_BACK
    assert "phase=Failed" in out
    assert "the limit of queues is reached" in shown
    assert "census     nothing is left" in shown
    assert cloud.of(name) == []


async def test_a_request_that_takes_too_long_goes_on_without_whoever_waits(ask, cloud, lockgate):
    cloud.blocked["create_environment"] = released = Event()

    name, code, _, err = await ask("--timeout", "300ms")
    _, shown, _ = await lockgate("env", "show", name)
    released.set()

    assert code == ExitCode.TIMED_OUT
    assert f"it goes on: `lockgate env show {name}`" in err
    assert f"{name}   Creating" in shown


async def test_a_dry_run_makes_nothing(ask, cloud, client):
    name, code, out, _ = await ask("--dry-run", wait=False)

    assert code == ExitCode.OK
    assert f"{name}  in order; nothing was made\n" in out
    assert "costs     0.03 EUR an hour, 21.90 EUR a month" in out
    assert cloud.methods() == []


async def test_programs_are_told_the_last_view_of_what_they_waited_for(ask, lockgate):
    name, code, out, err = await ask("-o", "json")
    _, shown, _ = await lockgate("env", "show", name, "-o", "json")

    assert code == ExitCode.OK
    assert from_json(out)["outputs"] == {"Bucket": f"{name}-bucket"}
    assert from_json(shown)["perHour"] == "0.03"
    assert "phase=Ready" in err


async def test_those_that_live_are_listed_by_team_and_owner(ask, lockgate, team):
    name, *_ = await ask()
    listed = ("env", "list", "--team", team)

    _, out, _ = await until(lambda: lockgate(*listed, "--mine"), lambda said: name in said[1])
    _, as_json, _ = await lockgate(*listed, "-o", "json")
    _, bens, _ = await lockgate(*listed, "--mine", "--by", "ben")
    held, nobody, _ = await lockgate(*listed, "--phase", "held")
    wrong, _, err = await lockgate(*listed, "--phase", "heald")

    row = next(line for line in out.splitlines() if line.startswith(name)).split()
    assert row == [name, "Ready", team, "ana", "in", row[-1]]
    assert from_json(as_json)[0]["environment"] == name
    assert (bens, nobody) == ("no environments that meet this\n",) * 2
    assert (held, wrong) == (ExitCode.OK, ExitCode.USAGE)
    assert "did you mean Held?" in err


async def test_one_that_is_kept_although_it_is_to_go_is_listed_without_an_end(
    ask, lockgate, client, team
):
    name, *_ = await ask()
    await lockgate("env", "hold", name, "--reason", "case 4711")
    ended = Ended(by="a release", reason="its release has ended")
    await client.get_workflow_handle(environment_id(name)).signal("end", ended)
    listed = ("env", "list", "--team", team)

    _, out, _ = await until(lambda: lockgate(*listed), lambda said: "Held" in said[1])

    row = next(line for line in out.splitlines() if line.startswith(name)).split()
    assert row == [name, "Held", team, "ana", "held"]


async def test_what_follows_is_told_when_a_hold_is_lifted_after_its_time(ask, lockgate, client):
    name, *_ = await ask()
    await lockgate("env", "hold", name, "--reason", "case 4711")
    ended = Ended(by="a release", reason="its release has ended")
    await client.get_workflow_handle(environment_id(name)).signal("end", ended)

    code, out, _ = await lockgate("env", "hold", name, "--lift", "--reason", "closed")

    assert code == ExitCode.OK
    assert f"{name} is held no more; its end happens now: it is " in out


async def test_an_extension_counts_once_and_one_too_many_is_refused(ask, lockgate):
    name, *_ = await ask()

    code, out, _ = await lockgate("env", "extend", name, "--for", "1d", "--reason", "review")
    again, _, err = await lockgate("env", "extend", name, "--reason", "review")
    wrong, _, no_time = await lockgate("env", "extend", name, "--for", "1x", "--reason", "x")
    _, shown, _ = await lockgate("env", "show", name)

    assert code == ExitCode.OK
    assert f"{name} ends in 3d23h" in out
    assert (again, wrong) == (ExitCode.DENIED, ExitCode.USAGE)
    assert f"refused: {name} was extended once" in err
    assert "--for: '1x' is not a duration" in no_time
    assert "extended   by 1d by ana: review" in shown


async def test_a_hold_keeps_it_from_everybody_until_it_is_lifted(ask, lockgate, cloud):
    name, *_ = await ask()

    held, out, _ = await lockgate("env", "hold", name, "--reason", "case 4711")
    down, _, err = await lockgate("env", "teardown", name, "--reason", "merged")
    same, _, _ = await lockgate("env", "hold", name, "--reason", "case 4711")
    other, _, _ = await lockgate("env", "hold", name, "--reason", "another one")
    lifted, said, _ = await lockgate("env", "hold", name, "--lift", "--reason", "closed")
    none, _, _ = await lockgate("env", "hold", name, "--lift", "--reason", "closed")

    assert (held, same, lifted) == (ExitCode.OK,) * 3
    assert f"{name} is held: nothing tears it down\n" in out
    assert f"{name} is held no more; it ends in " in said
    assert (down, other, none) == (ExitCode.DENIED,) * 3
    assert "case 4711" in err
    assert cloud.of(name)


async def test_a_teardown_is_over_when_nothing_is_left_and_is_said_once(ask, lockgate, cloud):
    name, *_ = await ask()
    words = ("env", "teardown", name, "--reason", "merged", "--wait", "--timeout", "20s")

    code, out, _ = await lockgate(*words)
    again, told, _ = await lockgate(*words)

    assert (code, again) == (ExitCode.OK, ExitCode.OK)
    assert f"{name}   Removed" in out
    assert "saves      21.90 EUR a month" in told
    assert "census     nothing is left" in told
    assert cloud.of(name) == []


async def test_what_cannot_be_removed_is_named_and_tried_again_when_told(ask, lockgate, cloud):
    name, *_ = await ask()
    cloud.undeletable["Orders"] = "it is in use"
    words = ("env", "teardown", name, "--reason", "merged", "--wait", "--timeout", "20s")

    code, out, _ = await lockgate(*words)
    cloud.undeletable.clear()
    again, told, _ = await lockgate(*words)

    assert code == ExitCode.ROLLBACK_INCOMPLETE
    assert f"still there Orders ({name}/Orders)" in out
    assert "it is in use" in out
    assert again == ExitCode.OK
    assert "Removed" in told


async def test_a_name_is_not_given_again_before_everything_is_gone(ask, lockgate, cloud):
    name, *_ = await ask()
    cloud.undeletable["Orders"] = "it is in use"
    await lockgate("env", "teardown", name, "--reason", "merged", "--wait", "--timeout", "20s")

    _, code, _, err = await ask(name=name)

    assert code == ExitCode.NOT_READY
    assert f"{name} is TeardownIncomplete: ask again when it is gone" in err


async def test_a_name_is_not_given_again_while_its_owner_is_still_told_of_the_end(
    ask, lockgate, world, catalog
):
    """Until then its story runs: a request that was taken for it would make nothing."""
    person = (
        "apiVersion: lockgate.dev/v1alpha1\nkind: Person\nmetadata: {name: ana}\n"
        "spec: {roles: [developer], email: ana@shop.test}\n"
    )
    (catalog / "people.yaml").write_text(person, encoding="utf-8")
    name, *_ = await ask("--owner", "ana")
    world.notices.failures += [Unavailable("later")] * 50
    await lockgate("env", "teardown", name, "--reason", "merged", "--wait", "--timeout", "20s")

    _, code, _, err = await ask(name=name)

    world.notices.failures.clear()
    assert code == ExitCode.NOT_READY
    assert f"{name} is Removed: ask again when its story is over" in err


async def test_a_name_may_be_given_again_once_everything_is_gone(ask, lockgate, cloud):
    name, *_ = await ask()
    await lockgate("env", "teardown", name, "--reason", "merged", "--wait", "--timeout", "20s")

    _, code, out, _ = await ask("--set", "Size=large", name=name)

    assert code == ExitCode.OK
    assert f"requested  {name}\n" in out
    assert cloud.stacks[name].blueprint.parameters == {"Size": "large"}


@pytest.mark.parametrize("verb", ["show", "extend", "teardown", "diff"])
async def test_one_that_nobody_asked_for_is_told_with_the_nearest(ask, lockgate, verb):
    name, *_ = await ask()
    reason = () if verb in {"show", "diff"} else ("--reason", "x")

    async def typed():
        return await lockgate("env", verb, f"{name}x", *reason)

    code, _, err = await until(typed, lambda said: f"did you mean {name}?" in said[2])

    assert code == ExitCode.USAGE
    assert f"no environment '{name}x'" in err


@pytest.mark.usefixtures("on_this_queue", "worker")
async def test_a_teardown_of_nothing_says_where_it_looked(lockgate, catalog):
    words = ("env", "teardown", "never-was", "--reason", "merged")

    nowhere, _, unlooked = await lockgate(*words, "--catalog", f"{catalog}-of-another-folder")
    code, _, err = await lockgate(*words)

    assert (nowhere, code) == (ExitCode.USAGE, ExitCode.USAGE)
    assert "nobody looked for what has its tags: there is no folder" in unlooked
    assert "nothing with its tags exists at cloudformation/preview" in err


async def test_one_whose_story_was_terminated_is_not_told_as_living(ask, lockgate, client):
    name, *_ = await ask()
    await client.get_workflow_handle(environment_id(name)).terminate("by hand")

    code, out, _ = await lockgate("env", "show", name)
    told, _, err = await lockgate("env", "extend", name, "--reason", "x")

    assert (code, told) == (ExitCode.ROLLBACK_INCOMPLETE, ExitCode.USAGE)
    assert "its story was terminated from outside" in out
    assert f"{name} is TeardownIncomplete: its story was terminated from outside" in err


@pytest.fixture
def orphan(cloud):
    """Something that an environment left whose story is no more."""
    name = f"lost-{uuid.uuid4().hex[:8]}"
    cloud.plant(name, f"arn:{name}", **{Tag.OWNER: "ben", Tag.TEARDOWN: "snapshots=none"})
    return name


@pytest.mark.usefixtures("catalog", "on_this_queue", "worker")
async def test_what_has_no_living_story_is_taken_down_by_its_name(lockgate, cloud, orphan):
    words = ("env", "teardown", orphan, "--reason", "left over", "--wait", "--timeout", "20s")

    code, out, _ = await lockgate(*words)
    again, _, _ = await lockgate(*words)

    assert (code, again) == (ExitCode.OK, ExitCode.OK)
    assert f"{orphan}   Removed" in out
    assert "torn down  because left over, said ana" in out
    assert cloud.of(orphan) == []


@pytest.mark.usefixtures("catalog", "on_this_queue", "worker")
async def test_an_orphan_that_is_held_or_protected_is_kept(lockgate, cloud, orphan):
    words = ("env", "teardown", orphan, "--reason", "left over", "--wait", "--timeout", "20s")
    cloud.plant(orphan, f"arn:{orphan}/2", **{Tag.PROTECTED: "true"})

    kept, _, why = await lockgate(*words)
    cloud.plant(orphan, f"arn:{orphan}/2", **{Tag.PROTECTED: "true", Tag.HOLD: "case 4711"})
    held, _, hold = await lockgate(*words, "--protected")
    there = len(cloud.of(orphan))
    cloud.plant(orphan, f"arn:{orphan}/2", **{Tag.PROTECTED: "true"})
    gone, _, _ = await lockgate(*words, "--protected")

    assert (kept, held, gone) == (ExitCode.DENIED, ExitCode.DENIED, ExitCode.OK)
    assert "say --protected if that is what you mean" in why
    assert "case 4711" in hold
    assert there == 2
    assert cloud.of(orphan) == []


@pytest.mark.usefixtures("catalog", "on_this_queue", "worker")
async def test_what_could_not_be_counted_is_not_told_to_be_gone(lockgate, cloud):
    cloud.unreadable = ("sqs: throttled",)

    code, _, err = await lockgate("env", "teardown", "lost", "--reason", "left over")

    assert code == ExitCode.HOLDING
    assert "lost was not counted: sqs: throttled" in err


async def test_one_whose_story_was_terminated_is_taken_down_by_its_name(
    ask, lockgate, cloud, client
):
    name, *_ = await ask()
    await client.get_workflow_handle(environment_id(name)).terminate("by hand")
    words = ("env", "teardown", name, "--reason", "left over", "--wait", "--timeout", "20s")

    code, out, _ = await lockgate(*words)

    assert code == ExitCode.OK
    assert f"{name}   Removed" in out
    assert cloud.of(name) == []


async def test_one_that_was_terminated_and_left_nothing_is_gone(ask, lockgate, cloud, client):
    name, *_ = await ask()
    await client.get_workflow_handle(environment_id(name)).terminate("by hand")
    cloud.resources.clear()
    cloud.stacks.clear()

    code, out, _ = await lockgate("env", "teardown", name, "--reason", "left over")

    assert code == ExitCode.OK
    assert "nothing of it exists any more" in out


async def test_an_environment_is_compared_with_its_template_and_with_what_exists(
    ask, lockgate, cloud, edit_stack
):
    name, *_ = await ask()

    same, out, _ = await lockgate("env", "diff", name)
    cloud.changed["Orders"] = {"/Properties/DelaySeconds": (0, 900)}
    drifted, drift, _ = await lockgate("env", "diff", name)
    quick, _, _ = await lockgate("env", "diff", name, "--no-drift")
    edit_stack("Uploads", "Files")
    changed, text, _ = await lockgate("env", "diff", name, "--no-drift")

    assert (same, quick) == (ExitCode.OK, ExitCode.OK)
    assert "no difference" in out
    assert "what exists: as its template says" in out
    assert (drifted, changed) == (ExitCode.DRIFT, ExitCode.DRIFT)
    assert f"Orders ({name}/Orders): MODIFIED" in drift
    assert "/Properties/DelaySeconds: 0 | 900" in drift
    assert '-  Uploads: {Type: "AWS::S3::Bucket"}' in text
    assert '+  Files: {Type: "AWS::S3::Bucket"}' in text


async def test_what_the_cloud_does_not_tell_is_unknown_and_no_agreement(ask, lockgate, cloud):
    name, *_ = await ask()
    cloud.faults["read_drift"] = [Refused("drift detection is not permitted")]

    code, out, _ = await lockgate("env", "diff", name)

    assert code == ExitCode.HOLDING
    assert "unknown   drift: drift detection is not permitted" in out


async def test_a_stack_that_somebody_deleted_is_a_difference(ask, lockgate, cloud):
    name, *_ = await ask()
    del cloud.stacks[name]

    code, out, _ = await lockgate("env", "diff", name)

    assert code == ExitCode.DRIFT
    assert f"what exists: drifted: AWS::CloudFormation::Stack ({name})" in out


async def test_two_environments_are_compared(ask, lockgate):
    name, *_ = await ask()
    other, *_ = await ask("--set", "Size=large")

    code, out, _ = await lockgate("env", "diff", name, other)

    assert code == ExitCode.DRIFT
    assert "parameters.Size: small | large" in out
    assert f"outputs.Bucket: {name}-bucket | {other}-bucket" in out
    assert "resources." not in out


async def test_a_census_marks_what_has_no_living_story(ask, lockgate, cloud):
    name, *_ = await ask()
    clean, _, _ = await lockgate("env", "census")
    cloud.plant("lost", "arn:lost", **{Tag.OWNER: "ben", Tag.TEAM: "team-pay"})
    kept = {Tag.HOLD: "case 4711", Tag.PROTECTED: "true"}
    cloud.plant("kept", "arn:kept", **kept)

    code, out, _ = await lockgate("env", "census")
    _, told, _ = await lockgate("env", "census", "-o", "json")

    assert (clean, code) == (ExitCode.OK, ExitCode.DRIFT)
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()}
    assert rows["lost"].startswith("orphan team-pay ben")
    assert rows["kept"].startswith("orphan, held, protected")
    assert rows[name].startswith("Ready team-")
    found = from_json(told)
    assert {one["environment"] for one in found["environments"] if one["orphan"]} == {
        "lost",
        "kept",
    }
    assert found["unreadable"] == []


async def test_a_census_of_all_shows_the_rest_and_names_what_it_could_not_read(
    ask, lockgate, cloud
):
    name, *_ = await ask()
    cloud.unlisted = ("rds: AccessDenied",)

    code, out, _ = await lockgate("env", "census")
    coded, told, _ = await lockgate("env", "census", "-o", "json")
    cloud.plant("lost", "arn:lost")
    lost, orphaned, _ = await lockgate("env", "census")

    assert (code, coded) == (ExitCode.HOLDING, ExitCode.HOLDING)
    assert f"{name} " in out
    assert "not counted: cloudformation/preview: rds: AccessDenied" in out
    assert "environments may be missing" in out
    found = from_json(told)
    assert name in {one["environment"] for one in found["environments"]}
    assert found["unreadable"] == ["cloudformation/preview: rds: AccessDenied"]
    assert lost == ExitCode.DRIFT
    assert "not counted: cloudformation/preview: rds: AccessDenied" in orphaned


async def test_a_census_of_one_counts_everything_with_its_tag(ask, lockgate, cloud):
    name, *_ = await ask()

    code, out, _ = await lockgate("env", "census", name)
    cloud.plant("lost", "arn:lost")
    lost, told, _ = await lockgate("env", "census", "lost")
    cloud.unreadable = ("sqs: throttled",)
    unread, uncounted, _ = await lockgate("env", "census", name)
    wrong, _, err = await lockgate("env", "census", "lost", "--provider", "cloudformation")
    cloud.unreadable = ()
    cloud.resources.clear()
    cloud.stacks.clear()
    _, emptied, _ = await lockgate("env", "census", name)
    nobodys, _, cannot = await lockgate("env", "census", "../x")
    nowhere = ("--provider", "cloudformation/missing")
    unknown, _, none = await lockgate("env", "census", *nowhere)
    one, _, none_of_it = await lockgate("env", "census", name, *nowhere)

    assert code == ExitCode.OK
    assert f"{name} at cloudformation/preview: 3 resources; its story is Ready" in out
    assert f"{name}/Orders" in out
    assert lost == ExitCode.DRIFT
    assert "no living story: all of it is orphaned" in told
    assert unread == ExitCode.HOLDING
    assert "not counted: sqs: throttled" in uncounted
    assert wrong == ExitCode.USAGE
    assert "expected TYPE/CONNECTION" in err
    assert f"{name} at cloudformation/preview: nothing is left; its story is Ready" in emptied
    assert nobodys == ExitCode.USAGE
    assert "'../x' cannot name an environment" in cannot
    assert (unknown, one) == (ExitCode.USAGE, ExitCode.USAGE)
    assert none == none_of_it
    assert none.startswith("no environments connection cloudformation/missing in this worker's")


async def test_the_report_sums_what_teams_spend_and_names_open_ports(ask, lockgate, cloud, team):
    name, *_ = await ask()
    port = OpenPort(where="sg-1", protocol="tcp", ports="22", to="0.0.0.0/0")
    cloud.open = (port,)

    report = ("env", "report", "--team", team)
    _, out, _ = await until(lambda: lockgate(*report), lambda said: name in said[1])
    _, quick, _ = await lockgate(*report, "--no-surface")
    _, as_json, _ = await lockgate(*report, "-o", "json")

    assert f"{team}: 21.90 EUR a month, 0.00 EUR so far" in out
    assert "22/tcp to 0.0.0.0/0 at sg-1" in out
    assert "unknown" in quick
    assert "22/tcp" not in quick
    found = from_json(as_json)
    assert found["sums"][0]["perMonth"] == "21.90"
    assert found["teams"][0]["environments"][0]["exposed"]["ports"] == [str(port)]


async def test_nobody_is_told_to_be_safe_while_the_cloud_cannot_be_asked(ask, lockgate, cloud):
    name, *_ = await ask()
    cloud.faults["read_surface"] = [Refused("not allowed to look")] * 100

    async def typed():
        return await lockgate("env", "report", "-o", "json")

    _, out, _ = await until(typed, lambda said: name in said[1])

    (one,) = [
        one
        for team in from_json(out)["teams"]
        for one in team["environments"]
        if one["environment"] == name
    ]
    assert one["exposed"] == {"ports": [], "unknown": "not allowed to look"}
