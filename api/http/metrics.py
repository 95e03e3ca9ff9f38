"""/metrics for Prometheus: requests by route, and how the pool and the log are."""

import psycopg
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.plugins.prometheus import PrometheusConfig
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest

from domain.application import Commands

REQUESTS = PrometheusConfig(
    app_name="callboard",
    prefix="callboard",
    group_path=True,
    exclude_unhandled_paths=True,
    exclude=["^/metrics$", "^/health/"],
).middleware
"""Counts and times requests by route template, so that ids make no series of their own."""


@get("/metrics", sync_to_thread=True, include_in_schema=False)
def metrics(commands: NamedDependency[Commands]) -> Response[bytes]:
    """The text format of Prometheus; needs no token, so it names nothing but numbers."""
    own = CollectorRegistry()
    pool = Gauge("callboard_pool", "Database connections", ["state"], registry=own)
    stats = commands.log.pool.get_stats()
    for state in ("pool_size", "pool_available", "requests_waiting"):
        pool.labels(state).set(stats.get(state, 0))
    up = Gauge("callboard_database_up", "1 when the database answers", registry=own)
    head = Gauge("callboard_log_position", "Position of the newest event", registry=own)
    try:
        head.set(commands.log.head())
        up.set(1)
    except psycopg.OperationalError:
        up.set(0)
    text = generate_latest(REGISTRY) + generate_latest(own)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})
