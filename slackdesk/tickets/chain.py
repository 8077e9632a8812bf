"""The arithmetic of the hash chain over a ticket's history. Pure.

Each entry's hash covers the hash before it, what happened, and a salted digest of the personal text, so that text and
salt can be erased without breaking the chain.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any


def digest_of(salt: str, text: str) -> str:
    """The digest of a text that the chain covers in its place."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def hash_of(
    previous: str,
    *,
    ticket_id: int,
    sequence: int,
    at: datetime,
    actor: str | None,
    kind: str,
    data: dict[str, Any],
    digest: str,
) -> str:
    """The hash of an entry that follows the entry whose hash is ``previous`` (empty for the first)."""
    content = [previous, ticket_id, sequence, at.astimezone(UTC).isoformat(), actor, kind, data, digest]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
