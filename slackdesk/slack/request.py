"""A delivery on its way to Bolt."""

from typing import Any

from slack_bolt import BoltContext, BoltRequest


class DeskRequest(BoltRequest):
    """Bolt's request, which outlives payloads in which Bolt cannot look up who sent them (``"authorizations": "x"``).

    Such a payload is empty from then on: its signature is still checked, and it finds no listener. A body that is no
    JSON raises ValueError or RecursionError.
    """

    def __init__(self, *, body: str | dict[str, Any], mode: str = "http", **more: Any) -> None:
        try:
            super().__init__(body=body, mode=mode, **more)
        except (AttributeError, IndexError, KeyError, TypeError):
            # Bolt's constructor reads the body last: everything before it is in place.
            self.body, self.context, self.mode = {}, BoltContext(), mode
            self.lazy_only, self.lazy_function_name = False, None
