"""The job that steers runs: waves let go, campaigns that do badly stopped. Run each minute by the leader."""

from __future__ import annotations

import structlog

from wenhou.services.context import Context
from wenhou.services.waves import Steering, steer_runs

log = structlog.get_logger(__name__)


def steer(context: Context) -> Steering:
    """One look at every run that goes on; dispatch is woken where something may leave now."""
    done = steer_runs(context)
    if done.released or done.freed:
        log.info("waves_released", waves=done.released, messages=done.freed)
        context.submit("dispatch")
    for key in done.stopped or ():
        log.warning("campaign_stopped_itself", campaign=key)
    return done
