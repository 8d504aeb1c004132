"""What files of schedules may say, and how what they may not is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from starters.files.problems import FilesRefused
from starters.schedules.declared import declared_schedules, own_folder
from workflows.sweep import SweepOrder

MINE = """\
apiVersion: lockgate.dev/v1alpha1
kind: Schedule
metadata: {name: lockgate-mine}
spec:
  why: looks again at night
  story: SweepWorkflow
  workflowId: sweep-at-night
  input: {within: 12h}
  cron: 30 3 * * 1-5
  timeZone: Europe/Dublin
  overlap: skip
  catchup: 2h
  jitter: 5m
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Write a folder's only file, and read it beside Lockgate's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOCKGATE_SCHEDULES", raising=False)
    folder = Path("schedules")
    folder.mkdir()

    def read(text=MINE):
        (folder / "mine.yaml").write_text(text, encoding="utf-8")
        return {one.id: one for one in declared_schedules(folder)}

    return read


def refused(mine, text):
    with pytest.raises(FilesRefused) as refusal:
        mine(text)
    return [str(problem) for problem in refusal.value.problems]


def test_every_installation_has_ours(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a local stack keeps more of them in its own folder
    monkeypatch.delenv("LOCKGATE_SCHEDULES", raising=False)

    ids = {one.id for one in declared_schedules()}

    assert ids == {
        "lockgate-sweep",
        "lockgate-seal",
        "lockgate-audit",
        "lockgate-expired",
        "lockgate-drift",
    }


def test_a_folder_adds_its_own(mine):
    declared = mine()

    assert declared["lockgate-mine"].order == SweepOrder(within=timedelta(hours=12))
    assert "lockgate-sweep" in declared


def test_a_folder_replaces_one_of_ours_by_its_name(mine):
    declared = mine(
        MINE.replace("lockgate-mine", "lockgate-sweep").replace("sweep-at-night", "sweep")
    )

    assert declared["lockgate-sweep"].spec.jitter == timedelta(minutes=5)


def test_the_folder_may_be_named_by_a_variable(mine, monkeypatch):
    mine()
    monkeypatch.setenv("LOCKGATE_SCHEDULES", "schedules")

    assert "lockgate-mine" in {one.id for one in declared_schedules()}


def test_the_local_stack_has_a_folder_of_its_own(tmp_path):
    (tmp_path / "temporal.toml").touch()
    environment = {"LOCKGATE_HOME": str(tmp_path)}
    without = own_folder(environment)
    (tmp_path / "schedules").mkdir()

    assert without is None
    assert own_folder(environment) == tmp_path / "schedules"
    assert own_folder({**environment, "TEMPORAL_ADDRESS": "elsewhere:7233"}) is None


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "jitter: 5m",
            "jitters: 5m",
            "13:3: spec.jitters: is not a field here; did you mean jitter?",
        ),
        ("  jitter: 5m\n", "", "4:1: spec.jitter: is missing; required here"),
        (
            "story: SweepWorkflow",
            "story: SwepWorkflow",
            '6:10: spec.story: found "SwepWorkflow"; did you mean SweepWorkflow?',
        ),
        (
            "30 3 * * 1-5",
            "30 25 * * *",
            "9:9: spec.cron: hour '25': expected 0 to 23",
        ),
        (
            "Europe/Dublin",
            "Europe/Dublyn",
            "10:13: spec.timeZone: 'Europe/Dublyn' is no time zone of the IANA database",
        ),
        ("  timeZone: Europe/Dublin\n", "", "5:3: spec: cron and timeZone go together"),
        ("cron: 30 3 * * 1-5", "every: 1h", "5:3: spec: cron and timeZone go together"),
        (
            "  cron: 30 3 * * 1-5\n  timeZone: Europe/Dublin\n",
            "",
            "5:3: spec: say when with one of every and cron",
        ),
        (
            "30 3 * * 1-5",
            "30 1 * * *",
            "9:9: spec.cron: on 20",
        ),
        ("overlap: skip", "overlap: terminateOther", "11:12: spec.overlap: found"),
        ("catchup: 2h", "catchup: 2s", "5:3: spec: catchup is shorter than 10s"),
        ("within: 12h", "whithin: 12h", "did you mean within?"),
        ("within: 12h", "within: soon", "8:19: spec.input.within: 'soon' is not a duration"),
        ("lockgate-mine", "mine", "the name of a schedule begins with lockgate-"),
        ("kind: Schedule", "kind: Sched", '2:7: kind: found "Sched"; did you mean Schedule?'),
        ("sweep-at-night", "sweep", "both call their runs sweep"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(mine, old, new, problem):
    assert old in MINE

    told = "\n".join(refused(mine, MINE.replace(old, new)))

    assert problem in told


def test_orphans_are_looked_for_where_an_installation_says(mine):
    """No provider is nobody's default: a sweep that looks nowhere would find nothing, for ever."""
    orphans = MINE.replace("SweepWorkflow", "OrphanSweepWorkflow")
    wanted = "{providers: [{type: cloudformation, connection: preview}]}"

    told = refused(mine, orphans.replace("{within: 12h}", "{pages: 3}"))
    declared = mine(orphans.replace("{within: 12h}", wanted))

    assert told[0].startswith("schedules/mine.yaml:8:3: spec.input.providers: is missing")
    assert [str(p) for p in declared["lockgate-mine"].order.providers] == [
        "cloudformation/preview"
    ]


def test_a_field_deep_in_the_input_is_refused_as_well(mine):
    orphans = MINE.replace("SweepWorkflow", "OrphanSweepWorkflow")
    wanted = "{providers: [{type: cloudformation, connection: preview, region: eu}]}"

    (told,) = refused(mine, orphans.replace("{within: 12h}", wanted))

    assert "spec.input.providers[0].region: is nothing that the story asks for" in told


def test_an_hourly_schedule_goes_through_the_jump_of_a_clock(mine):
    assert "lockgate-mine" in mine(MINE.replace("30 3 * * 1-5", "30 * * * *"))


def test_what_belongs_in_a_catalog_is_refused(mine):
    person = "apiVersion: lockgate.dev/v1alpha1\nkind: Person\nmetadata: {name: ana}\nspec: {}\n"

    assert "a Person is no schedule" in refused(mine, person)[0]


def test_a_second_one_of_a_name_is_refused(mine):
    told = refused(mine, f"{MINE}---\n{MINE}")

    assert any("is defined twice" in line for line in told)


def test_what_is_named_as_a_file_and_is_none_is_not_passed_over(mine):
    """Else what it stood for would be told as undeclared, and pruned."""
    Path("schedules/gone.yaml").symlink_to("elsewhere.yaml")
    Path("schedules/folder.yml").mkdir()
    Path("schedules/beside").mkdir()

    told = refused(mine, MINE)

    remedy = "mend it, or take it out"
    assert told == [
        f"schedules/folder.yml:1:1: expected a file, found a folder; {remedy}",
        f"schedules/gone.yaml:1:1: expected a file, found a link to nothing; {remedy}",
    ]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FilesRefused, match="the schedules cannot be read"):
        declared_schedules(tmp_path / "nowhere")
