"""What browsers are told, and what they tell, so that no other site gets at the workspace of whoever visits it."""

from starlette.requests import Request

PAGE = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'"
}
"""A page that runs no script, loads nothing from elsewhere, and is shown in no other page."""
FILE = {"x-content-type-options": "nosniff", "content-security-policy": "sandbox"}
"""A file that is opened by itself runs no script either, as a drawing (SVG) may hold one."""
FOREIGN = "this was sent by the page of another site"


def is_foreign(request: Request) -> bool:
    """Whether a page of another site makes the browser act here. Shells and apps send no such header."""
    # https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    return request.method == "POST" and request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
