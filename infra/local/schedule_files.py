"""Writes what one stack starts by the clock beside Lockgate's own schedules."""

from infra.local.cloud import AWS, CONNECTION
from infra.local.component import Site
from infra.local.home import write_private

_ORPHANS = f"""\
# Written by `lockgate dev up`; changes made by hand are lost at the next one.
apiVersion: lockgate.dev/v1alpha1
kind: Schedule
metadata: {{name: lockgate-orphans}}
spec:
  why: takes down what has our tags and no living story
  story: OrphanSweepWorkflow
  workflowId: orphan-sweep
  input:
    providers: [{{type: cloudformation, connection: {CONNECTION}}}]
  every: 1h
  overlap: skip      # one that still runs sees what the next one would
  catchup: 10m       # an hour later the next one looks anyway
  jitter: 5m         # not in the same minute as all that runs by the hour
"""


def write_schedules(site: Site) -> None:
    """Have orphans looked for where the stack has a cloud, and nowhere else."""
    file = site.home.schedules / "orphans.yaml"
    if AWS.name not in site.added:
        file.unlink(missing_ok=True)
        return
    site.home.schedules.mkdir(mode=0o700, exist_ok=True)
    write_private(file, _ORPHANS)
