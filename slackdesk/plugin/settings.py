"""Settings of plugins: none at all, and types that have to agree with the rest of the policy."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

QUEUES = "queues"
"""Under this name the keys of the policy's queues are handed to what validates a section."""


def _known_queue(key: str, info: ValidationInfo) -> str:
    queues = (info.context or {}).get(QUEUES)
    if queues is not None and key not in queues:
        raise ValueError(f"no such queue; write one of: {', '.join(queues)}")
    return key


QueueKey = Annotated[str, AfterValidator(_known_queue)]
"""Key of a queue of the policy."""


class NoConfig(BaseModel):
    """Of a plugin without settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)
