"""Simulations whose truth is known: how often the judge errs at its limits, and for looking."""

from concurrent.futures import ProcessPoolExecutor

from bench.judging.cases import PROCESSES
from bench.judging.simulation import simulated, simulated_config
from workflows.domain.canary.judge import begin, look
from workflows.domain.canary.verdict import Word

RATES = (1, 10, 100, 1000)
BOUNDARY = {"worse_errors": 1.1, "slower": 1.05, "fewer_conversions": 0.99}
_RUNS = 24
_QUIET_RUNS = 60


def boundary_study():
    """The part of canaries exactly at all tolerances that is rolled back, by rate."""
    return {
        rate: _part([(seed, 60, {"rps": rate, **BOUNDARY}) for seed in range(_RUNS)])
        for rate in RATES
    }


def peeking_study():
    """The part of equal canaries that is rolled back, by the number of looks in an hour."""
    return {
        every: _part([(seed, every, {"rps": 30}) for seed in range(_QUIET_RUNS)])
        for every in (60, 15)
    }


def _part(jobs):
    with ProcessPoolExecutor(PROCESSES) as pool:
        fallen = list(pool.map(_falls, jobs, chunksize=4))
    return sum(fallen) / len(fallen)


def _falls(job):
    seed, interval, options = job
    config = simulated_config(interval=interval)
    evidence = begin(config)
    windows = simulated(seed, interval=interval, windows=3600 // interval, **options)
    for window in windows:
        evidence, verdict = look(config, evidence, window)
        if verdict.word is Word.FAIL:
            return True
    return False
