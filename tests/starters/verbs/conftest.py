"""Verbs without Temporal: the functions over a connected client are replaced at their border."""

import asyncio

import pytest


@pytest.fixture
def unconnected(monkeypatch):
    """Let the verbs of *module* do their work with no client at all."""

    def disconnect(module, **replaced):
        monkeypatch.setattr(
            f"starters.verbs.{module}.converse", lambda work: asyncio.run(work(None))
        )
        for name, answer in replaced.items():
            monkeypatch.setattr(f"starters.verbs.{module}.{name}", answering(answer))

    return disconnect


def answering(answer):
    async def answered(*args, **kwargs):
        if isinstance(answer, Exception):
            raise answer
        return answer

    return answered
