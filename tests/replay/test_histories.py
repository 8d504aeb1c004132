"""Every recorded release still replays: no change of a story may break one that is under way."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from infra.temporal import DATA_CONVERTER
from workers.sandbox import runner
from workflows.domain.errors import ReleaseError
from workflows.drift_check import DriftCheckWorkflow
from workflows.environment import EnvironmentWorkflow
from workflows.expired_sweep import ExpiredSweepWorkflow
from workflows.orphan_sweep import OrphanSweepWorkflow
from workflows.preview import PreviewWorkflow
from workflows.promotion import PromotionWorkflow
from workflows.readiness import ReadinessWorkflow
from workflows.reclaim import ReclaimWorkflow
from workflows.release import ReleaseWorkflow
from workflows.rollback import RollbackWorkflow
from workflows.seal import SealWorkflow
from workflows.sweep import SweepWorkflow

FOLDER = Path(__file__).parents[1] / "histories"
STORIES = (
    ReleaseWorkflow,
    PromotionWorkflow,
    RollbackWorkflow,
    ReadinessWorkflow,
    SealWorkflow,
    PreviewWorkflow,
    SweepWorkflow,
    EnvironmentWorkflow,
    ReclaimWorkflow,
    ExpiredSweepWorkflow,
    OrphanSweepWorkflow,
    DriftCheckWorkflow,
)


@pytest.mark.parametrize(
    "file", sorted(FOLDER.rglob("*.json")), ids=lambda file: f"{file.parent.name}/{file.stem}"
)
async def test_it_replays(file):
    saved = json.loads(file.read_text(encoding="utf-8"))
    history = WorkflowHistory.from_json(saved["workflowId"], saved["history"])

    await Replayer(
        workflows=STORIES,
        data_converter=DATA_CONVERTER,
        workflow_runner=runner(),
        workflow_failure_exception_types=[ReleaseError],
    ).replay_workflow(history)


@pytest.mark.parametrize(
    "story",
    [
        *("release", "promotion", "rollback", "readiness", "seal", "sweep"),
        *("environment", "reclaim"),
        *("expired_sweep", "orphan_sweep", "drift_check"),
    ],
)
def test_every_story_has_histories(story):
    assert list((FOLDER / story).glob("*.json"))
