"""Saves what a story did as a replay fixture: a file for each path of it, never rewritten."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

FOLDER = Path(__file__).parents[1] / "histories"
_STORIES = {
    "ReleaseWorkflow": "release",
    "PromotionWorkflow": "promotion",
    "RollbackWorkflow": "rollback",
    "ReadinessWorkflow": "readiness",
    "SealWorkflow": "seal",
    "SweepWorkflow": "sweep",
    "EnvironmentWorkflow": "environment",
    "ReclaimWorkflow": "reclaim",
    "ExpiredSweepWorkflow": "expired_sweep",
    "OrphanSweepWorkflow": "orphan_sweep",
    "DriftCheckWorkflow": "drift_check",
}


async def save_histories(
    client: Client, workflow_id: str, test: str, *, run: str | None = None
) -> None:
    """Save the history of *workflow_id* and of its newest promotion, rollback and review.

    Of a story that goes on as new runs it is the newest one's, or that of *run*.
    """
    name = _file_name(test)
    children = await _save(client.get_workflow_handle(workflow_id, run_id=run), name)
    # No release waits for its seal, or for the end of an environment: either may be anywhere on
    # its way. test_seal.py and test_environment.py save some.
    waited_for = [child for child in children if not _is_left_behind(child)]
    for child in {_kind(child): child for child in waited_for}.values():
        await _save(client.get_workflow_handle(child), name)


def _is_left_behind(workflow_id: str) -> bool:
    return workflow_id.endswith("/seal") or workflow_id.startswith("environment/")


async def save_history(handle: WorkflowHandle[Any, Any], test: str) -> None:
    """Save the history of one story alone."""
    await _save(handle, _file_name(test))


def _file_name(test: str) -> str:
    return re.sub(r"\W+", "-", test.removeprefix("test_").replace("_", "-")).strip("-")


def _kind(workflow_id: str) -> str:
    if "/readiness/" in workflow_id:
        return "readiness"
    return "rollback" if workflow_id.endswith("/rollback") else "promotion"


async def _save(handle: WorkflowHandle[Any, Any], name: str) -> list[str]:
    """Write one history if it took a path that none took before; the ids of the children in it."""
    history = await handle.fetch_history()
    began = history.events[0].workflow_execution_started_event_attributes
    file = FOLDER / _STORIES[began.workflow_type.name] / f"{name}.json"
    saved = {"workflowId": handle.id, "history": scrubbed(json.loads(history.to_json()))}
    if not file.exists() and path(saved["history"]) not in _recorded(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(saved, separators=(",", ":")) + "\n", encoding="utf-8")
        _recorded(file.parent).add(path(saved["history"]))
    return [
        event.child_workflow_execution_started_event_attributes.workflow_execution.workflow_id
        for event in history.events
        if event.HasField("child_workflow_execution_started_event_attributes")
    ]


@cache
def _recorded(folder: Path) -> set[tuple[str, ...]]:
    """The paths that the files of *folder* took."""
    saved = (json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json"))
    return {path(one["history"]) for one in saved}


def path(history: dict[str, Any]) -> tuple[str, ...]:
    """What a story was told and asked for, in order; how its worker was polled does not count."""
    kinds = ((event["eventType"], event) for event in history["events"])
    return tuple(f"{kind} {_name(event)}" for kind, event in kinds if "WORKFLOW_TASK" not in kind)


def _name(event: dict[str, Any]) -> str:
    """Which activity, signal or child workflow an event is about."""
    for key, about in event.items():
        if key.endswith("Attributes"):
            kind = about.get("activityType") or about.get("workflowType") or {}
            return str(about.get("signalName") or kind.get("name") or "")
    return ""


def scrubbed(part: Any) -> Any:
    """*part* without what tells of the machine it was recorded on: stack traces, process names."""
    if isinstance(part, list):
        return [scrubbed(item) for item in part]
    if isinstance(part, dict):
        return {
            key: "" if key in {"stackTrace", "identity"} else scrubbed(value)
            for key, value in part.items()
        }
    return part
