"""What comes by itself: every Monday, a list of what was suggested, and a picture of how it grows."""

import csv
import io
import struct
import zlib

from sqlalchemy import select

from slackdesk.api import Context, DirectMessage, File, Message, Slot

from .declared import Suggestion, plugin


@plugin.every("0 8 * * MON")
def send_list(slot: Slot, ctx: Context) -> None:
    """One message to the first operator, which grows: said again under its key, it is changed."""
    operator = ctx.policy.desk.operators[0]
    t, found = ctx.reader(operator).t, ctx.session.scalars(select(Suggestion).order_by(Suggestion.id)).all()
    table = io.StringIO(newline="")
    csv.writer(table).writerows([("at", "suggestion"), *((one.at.isoformat(), one.text) for one in found)])
    says = t("{count} suggestions so far", count=len(found))
    files = [
        File("suggestions.csv", table.getvalue().encode(), t("Suggestions")),
        File("suggestions.png", bar_png(len(found)), t("How many there are"), alt_text=t("A bar: {what}", what=says)),
    ]
    ctx.say(DirectMessage(operator), Message(says, files=files), key="list")


def bar_png(length: int) -> bytes:
    """A grey bar of ten pixels for each, on white."""
    width, height = 10 * max(length, 1), 10
    line = b"\0" + bytes([128 if length else 255]) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = _part(b"IHDR", header), _part(b"IDAT", zlib.compress(line * height)), _part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
