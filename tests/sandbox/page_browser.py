"""The page under /sandbox as a browser without a screen has it."""

import re
import urllib.error
import urllib.request
from html import unescape
from urllib.parse import urlencode

from slackdesk.sandbox import Sandbox


class Browser:
    """Somebody's page; after each act it is what the server answered, redirects followed."""

    def __init__(self, sandbox: Sandbox, handle: str, place: str = "dm") -> None:
        self.url, self.place = f"{sandbox.base_url}/sandbox/as/{handle}", place
        self.opens(f"{self.url}?{urlencode({'in': place})}")

    def opens(self, url: str, data: bytes | None = None) -> None:
        try:
            with urllib.request.urlopen(url, data, timeout=20) as response:  # noqa: S310
                self.status, self.html = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                self.status, self.html = error.code, error.read().decode()

    def sends(self, **fields: str) -> None:
        self.opens(self.url, urlencode({"in": self.place} | fields).encode())

    @property
    def text(self) -> str:
        return unescape(re.sub(r"<[^>]+>", "\n", self.html))

    def presses(self, label: str, beside: str = "") -> None:
        """The button of the newest message that has it, or of the block with that text."""
        below = self.html[self.html.index(beside) :] if beside else self.html
        forms = [
            form for form in re.findall(r'<form method="post">(.*?)</form>', below, re.DOTALL) if f">{label}<" in form
        ]
        form = forms[0 if beside else -1]
        self.opens(self.url, urlencode(_hidden(form) | _hidden(form, "button", f">{label}<")).encode())


def _hidden(form: str, tag: str = "input", before: str = ">") -> dict[str, str]:
    """Names and values of a form's hidden fields, or of its button."""
    found = re.findall(rf'<{tag}[^>]* name="([^"]+)" value="([^"]*)"{before}', form)
    return {name: unescape(value) for name, value in found}
