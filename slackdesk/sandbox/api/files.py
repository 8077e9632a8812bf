"""files.getUploadURLExternal, completeUploadExternal, info, delete."""

from slackdesk.sandbox.api.content import read_content
from slackdesk.sandbox.errors import ApiError
from slackdesk.sandbox.methods import Call, invalid_argument, method
from slackdesk.sandbox.records import Channel, File, Json

MAX_FILES_AT_ONCE = 10
MAX_ALT_TEXT_LENGTH = 1000


@method("files.getUploadURLExternal", scopes=("files:write",))
def get_upload_url(call: Call) -> Json:
    """Where to POST the bytes; the file exists once it is completed."""
    name, length, alt_text = call.required("filename"), call.integer("length", 0), call.text("alt_txt")
    if length < 1:
        invalid_argument("must be greater than 0 [json-pointer:/length]")
    if len(alt_text) > MAX_ALT_TEXT_LENGTH:
        raise ApiError("alt_txt_too_large")
    file = call.workspace.new_file(call.user, name, alt_text=alt_text, length=length)
    return {"upload_url": call.sandbox.upload_url(file), "file_id": file.id}


@method("files.completeUploadExternal", scopes=("files:write",))
def complete_upload(call: Call) -> Json:
    """Finish the uploads and share them, in one message, in each channel named: all of it or nothing."""
    files = _uploaded(call)
    channel_ids = call.ids("channels") or call.ids("channel_id")
    channels = [_shareable(call, channel_id) for channel_id in channel_ids]
    content = read_content(call)
    call.missing_fallback_text = False
    for channel in channels:
        call.workspace.post(
            channel.id,
            call.user,
            text=call.text("initial_comment"),
            blocks=content.blocks,
            files=files,
            thread_ts=call.text("thread_ts") or None,
        )
    for file in files:
        file.complete = True
    return {"files": [call.workspace.file_payload(file) for file in files]}


def _uploaded(call: Call) -> list[File]:
    listed = call.args.get("files")
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        invalid_argument("must be a non-empty array of objects [json-pointer:/files]")
    if len(listed) > MAX_FILES_AT_ONCE:
        invalid_argument(f"must be at most {MAX_FILES_AT_ONCE} files [json-pointer:/files]")
    files = []
    for each in listed:
        file = call.workspace.files.get(str(each.get("id")))
        if file is None or file.user_id != call.user.id or file.complete or len(file.content) != file.declared_length:
            raise ApiError("file_not_found")
        file.title = str(each.get("title") or file.name)
        files.append(file)
    return files


def _shareable(call: Call, channel_id: str) -> Channel:
    """Unlike chat.postMessage, no names and no user ids."""
    return call.workspace.writable_channel(channel_id, call.user)


@method("files.info", scopes=("files:read",))
def info(call: Call) -> Json:
    """Not before the file is completed."""
    file = call.workspace.file(call.required("file"), call.user)
    if not file.complete:
        raise ApiError("file_not_found")
    shown = call.workspace.file_payload(file)
    return {"file": shown, "comments": [], "response_metadata": {"next_cursor": ""}}


@method("files.delete", scopes=("files:write",))
def delete(call: Call) -> Json:
    file = call.workspace.file(call.required("file"), call.user)
    if file.user_id != call.user.id:
        raise ApiError("cant_delete_file")
    file.deleted, file.content = True, b""
    call.workspace.emit({"type": "file_deleted", "file_id": file.id}, None)
    return {}
