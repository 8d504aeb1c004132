"""Saves what a story did as a replay fixture: a file for each story and path, never rewritten."""

import json
import re
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

FOLDER = Path(__file__).parents[1] / "histories"
_STORIES = {
    "ReleaseWorkflow": "release",
    "PromotionWorkflow": "promotion",
    "RollbackWorkflow": "rollback",
    "SweepWorkflow": "sweep",
}


async def save_histories(client: Client, workflow_id: str, test: str) -> None:
    """Save the history of *workflow_id* and of its newest promotion and rollback."""
    path = re.sub(r"\W+", "-", test.removeprefix("test_").replace("_", "-")).strip("-")
    children = await _save(client.get_workflow_handle(workflow_id), path)
    for child in {_kind(child): child for child in children}.values():
        await _save(client.get_workflow_handle(child), path)


def _kind(workflow_id: str) -> str:
    return "rollback" if workflow_id.endswith("/rollback") else "promotion"


async def _save(handle: WorkflowHandle, path: str) -> list[str]:
    """Write one history where there is none yet; the ids of the children in it."""
    history = await handle.fetch_history()
    began = history.events[0].workflow_execution_started_event_attributes
    file = FOLDER / _STORIES[began.workflow_type.name] / f"{path}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        saved = {"workflowId": handle.id, "history": scrubbed(json.loads(history.to_json()))}
        file.write_text(json.dumps(saved, separators=(",", ":")) + "\n", encoding="utf-8")
    return [
        event.child_workflow_execution_started_event_attributes.workflow_execution.workflow_id
        for event in history.events
        if event.HasField("child_workflow_execution_started_event_attributes")
    ]


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
