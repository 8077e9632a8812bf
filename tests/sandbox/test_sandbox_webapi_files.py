"""Files: up through the upload URL, down through url_private."""

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from slackdesk.sandbox import Sandbox

Refused = Callable[[Callable[[], object]], dict[str, Any]]


def download(url: str, token: str) -> tuple[int, str, bytes]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        return response.status, response.headers.get_content_type(), response.read()


def test_upload_is_shared_in_a_thread_and_can_be_downloaded(
    web_sandbox: Sandbox, client: WebClient, help_it: str
) -> None:
    root = str(client.chat_postMessage(channel=help_it, text="root")["ts"])
    content = "id;opened\n42;Monday ü\n".encode()
    uploaded = client.files_upload_v2(
        channel=help_it,
        thread_ts=root,
        filename="report 1.csv",
        content=content,
        title="Report",
        initial_comment="Here",
    )
    reply = client.conversations_replies(channel=help_it, ts=root)["messages"][-1]
    assert (reply["subtype"], reply["text"]) == ("file_share", "Here")
    assert reply["files"][0]["id"] == uploaded["file"]["id"]
    file = client.files_info(file=str(uploaded["file"]["id"]))["file"]
    assert (file["title"], file["size"], file["mimetype"]) == ("Report", len(content), "text/csv")
    assert file["shares"]["public"][help_it] == [{"ts": reply["ts"], "thread_ts": root}]
    assert download(file["url_private"], web_sandbox.bot_token) == (200, "text/csv", content)
    assert download(file["url_private_download"], web_sandbox.bot_token)[2] == content


def test_bad_token_gets_the_login_page_with_200(web_sandbox: Sandbox, client: WebClient, help_it: str) -> None:
    uploaded = client.files_upload_v2(channel=help_it, filename="secret.txt", content=b"secret")
    status, content_type, body = download(uploaded["file"]["url_private"], "xoxb-wrong")
    assert (status, content_type) == (200, "text/html")
    assert b"secret" not in body


def test_unfinished_and_foreign_uploads_are_refused(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    started = client.files_getUploadURLExternal(filename="a.txt", length=3)

    def complete(file_id: str) -> str:
        files: list[dict[str, str | None]] = [{"id": file_id}]
        return str(refused(lambda: client.files_completeUploadExternal(files=files, channel_id=help_it))["error"])

    assert complete(str(started["file_id"])) == "file_not_found"
    assert refused(lambda: client.files_info(file=str(started["file_id"])))["error"] == "file_not_found"
    workspace = web_sandbox.workspace
    theirs = workspace.upload(help_it, workspace.user_by_handle("ayu"), "vpn.log", b"log").files[0]
    assert complete(theirs.id) == "file_not_found"
    empty = refused(lambda: client.files_getUploadURLExternal(filename="a.txt", length=0))
    assert empty["error"] == "invalid_arguments"
    wrong_length = urllib.request.Request(str(started["upload_url"]), data=b"too many")  # noqa: S310
    with pytest.raises(urllib.error.HTTPError, match="400") as caught:
        urllib.request.urlopen(wrong_length, timeout=10)  # noqa: S310
    caught.value.close()


def test_a_share_that_is_refused_completes_nothing_and_one_that_is_done_is_not_done_again(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    started = client.files_getUploadURLExternal(filename="a.png", length=3, alt_txt="A red square")
    with urllib.request.urlopen(str(started["upload_url"]), data=b"png", timeout=10):  # noqa: S310
        pass
    files: list[dict[str, str | None]] = [{"id": str(started["file_id"]), "title": "Square"}]
    general = web_sandbox.workspace.channel_by_name("general").id
    share = lambda channel, **more: client.files_completeUploadExternal(files=files, channel_id=channel, **more)  # noqa: E731
    assert refused(lambda: share(general))["error"] == "not_in_channel"
    assert refused(lambda: share(help_it, thread_ts="nonsense"))["error"] == "invalid_thread_ts"
    assert refused(lambda: client.files_info(file=str(started["file_id"])))["error"] == "file_not_found"
    assert share(help_it)["files"][0]["title"] == "Square"
    assert refused(lambda: share(help_it))["error"] == "file_not_found"
    seen = web_sandbox.person("ayu").sees("Square (a.png)", in_="#help-it")
    file = seen.file("a.png")
    assert (file.title, file.alt_text, file.mimetype, file.content) == ("Square", "A red square", "image/png", b"png")
    with pytest.raises(AssertionError, match=r"there is no file 'b\.png', only: a\.png"):
        seen.file("b.png")
    too_long = refused(lambda: client.files_getUploadURLExternal(filename="a.png", length=3, alt_txt="x" * 1001))
    assert too_long["error"] == "alt_txt_too_large"


def test_files_need_a_channel_id_and_membership(web_sandbox: Sandbox, client: WebClient, refused: Refused) -> None:
    def share(channel: str) -> str:
        call = lambda: client.files_upload_v2(channel=channel, filename="a.txt", content=b"a")  # noqa: E731
        return str(refused(call)["error"])

    assert share("help-it") == "channel_not_found"
    assert share(web_sandbox.workspace.channel_by_name("general").id) == "not_in_channel"


def test_a_persons_file_is_seen_only_where_the_app_is(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    workspace = web_sandbox.workspace
    ayu, budi = workspace.user_by_handle("ayu"), workspace.user_by_handle("budi")
    shared = workspace.upload(help_it, ayu, "vpn.log", b"no route", text="see").files[0]
    info = client.files_info(file=shared.id)["file"]
    assert (info["name"], info["mimetype"], info["user"]) == ("vpn.log", "text/plain", ayu.id)
    assert download(info["url_private"], web_sandbox.bot_token)[2] == b"no route"
    private = workspace.upload(workspace.open_dm([ayu.id, budi.id]).id, ayu, "private.txt", b"x").files[0]
    assert refused(lambda: client.files_info(file=private.id))["error"] == "file_not_found"


def test_delete_takes_the_apps_own_files_only(
    web_sandbox: Sandbox, client: WebClient, help_it: str, refused: Refused
) -> None:
    own = str(client.files_upload_v2(channel=help_it, filename="a.txt", content=b"a")["file"]["id"])
    client.files_delete(file=own)
    assert refused(lambda: client.files_info(file=own))["error"] == "file_not_found"
    workspace = web_sandbox.workspace
    theirs = workspace.upload(help_it, workspace.user_by_handle("ayu"), "b.txt", b"b").files[0]
    assert refused(lambda: client.files_delete(file=theirs.id))["error"] == "cant_delete_file"
