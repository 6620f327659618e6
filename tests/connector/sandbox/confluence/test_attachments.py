"""Files over the wire: three ways to upload, versions, bytes, trash."""

import hashlib
from collections.abc import Callable

from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence.state import Space
from connector.sandbox.site import Site
from tests.connector.sandbox.confluence.conftest import V1, V2, Visitor


def test_an_upload_is_listed_and_its_bytes_come_back(dana: Visitor, space: Space) -> None:
    page_id = dana.create(space, "P")["id"]
    data = bytes(range(256)) * 4000
    answer = dana.upload(page_id, "list é.csv", data, comment="sha256=abc")
    assert answer.status_code == 200, answer.text
    (uploaded,) = answer.json()["results"]
    assert uploaded["extensions"]["fileSize"] == len(data)
    (listed,) = dana.get(f"{V2}/pages/{page_id}/attachments?filename=list é.csv").json()["results"]
    assert (listed["id"], listed["comment"], listed["fileSize"]) == (uploaded["id"], "sha256=abc", len(data))
    assert listed["downloadLink"] == f"/rest/api/content/{page_id}/child/attachment/{listed['id']}/download"
    downloaded = dana.get("/wiki" + listed["downloadLink"])
    assert hashlib.sha256(downloaded.content).digest() == hashlib.sha256(data).digest()
    assert dana.get(f"/wiki/download/attachments/{page_id}/list é.csv").content == data


def test_a_download_leads_to_an_address_with_its_own_credential(
    dana: Visitor, visit: Callable[[str | None], Visitor], space: Space
) -> None:
    page_id = dana.create(space, "P")["id"]
    attachment_id = dana.upload(page_id, "a.txt", b"hello").json()["results"][0]["id"]
    path = f"{V1}/content/{page_id}/child/attachment/{attachment_id}/download"
    answer = dana.get(path, allow_redirects=False)
    assert answer.status_code == 302
    nobody = visit(None)
    assert nobody.session.get(answer.headers["Location"]).content == b"hello"
    assert nobody.session.get(answer.headers["Location"] + "x").status_code == 404
    assert nobody.get(path).status_code == 401


def test_the_same_name_is_refused_by_post_in_the_recorded_words(dana: Visitor, space: Space) -> None:
    page_id = dana.create(space, "P")["id"]
    dana.upload(page_id, "spike.png", b"1")
    answer = dana.upload(page_id, "spike.png", b"1")
    assert answer.status_code == 400
    assert answer.json()["statusCode"] == 400
    assert answer.json()["message"] == (
        "com.atlassian.confluence.api.service.exceptions.api.BadRequestException: Cannot add a new attachment "
        "with same file name as an existing attachment: spike.png"
    )


def test_put_adds_a_version_and_so_does_the_data_call(dana: Visitor, space: Space, clock: ManualClock) -> None:
    page_id = dana.create(space, "P")["id"]
    first = dana.upload(page_id, "a.txt", b"one", method="PUT", comment="v1").json()["results"][0]
    clock.advance(1)
    second = dana.upload(page_id, "a.txt", b"two!", method="PUT", comment="v2").json()["results"][0]
    assert (second["id"], second["version"]["number"]) == (first["id"], 2)
    third = dana.post(
        f"{V1}/content/{page_id}/child/attachment/{first['id']}/data",
        files={"file": ("other-name.txt", b"three")},
        data={"minorEdit": "false", "comment": "v3"},
        headers={"X-Atlassian-Token": "no-check"},
    ).json()
    assert (third["title"], third["version"]["number"]) == ("a.txt", 3)
    versions = dana.get(f"{V2}/attachments/{first['id']}/versions").json()["results"]
    assert [(v["number"], v["message"]) for v in versions] == [(3, "v3"), (2, "v2"), (1, "v1")]
    old = dana.get(f"{V2}/attachments/{first['id']}?version=1").json()
    assert (old["fileSize"], dana.get("/wiki" + old["downloadLink"]).content) == (3, b"one")
    assert dana.get(f"/wiki/download/attachments/{page_id}/a.txt?version=2").content == b"two!"


def test_an_upload_without_the_header_or_the_file_is_refused(dana: Visitor, space: Space) -> None:
    page_id = dana.create(space, "P")["id"]
    path = f"{V1}/content/{page_id}/child/attachment"
    assert dana.post(path, files={"file": ("a", b"1")}).status_code == 403
    assert dana.post(path, data={"x": "1"}, headers={"X-Atlassian-Token": "nocheck"}).status_code == 400
    assert dana.upload("99999", "a", b"1").status_code == 404


def test_a_file_is_renamed_in_the_version_it_has(dana: Visitor, space: Space) -> None:
    """PUT child/attachment/{id}: "set this to the current version number"; another is a 409."""
    page_id = dana.create(space, "P")["id"]
    made = dana.upload(page_id, "a", b"1").json()["results"][0]
    path = f"{V1}/content/{page_id}/child/attachment/{made['id'].removeprefix('att')}"
    wanted = {"id": made["id"], "type": "attachment", "title": "b", "metadata": {"mediaType": "text/csv"}}
    assert dana.put(path, json={**wanted, "version": {"number": 3}}).status_code == 409
    assert dana.put(path, json=wanted).status_code == 400
    renamed = dana.put(path, json={**wanted, "version": {"number": 1}}).json()
    assert (renamed["title"], renamed["version"]["number"]) == ("b", 1)
    assert renamed["metadata"]["mediaType"] == "text/csv"


def test_a_file_over_the_limit_is_404_and_leaves_nothing(site: Site, dana: Visitor, space: Space) -> None:
    """ "404: the attachment exceeds the maximum configured attachment size" (v1, PUT child/attachment)."""
    site.confluence.attachment_limit_bytes = 3
    page_id = dana.create(space, "P")["id"]
    assert dana.upload(page_id, "a", b"1234").status_code == 404
    assert dana.upload(page_id, "a", b"123").status_code == 200
    assert dana.upload(page_id, "a", b"1234", method="PUT").status_code == 404
    (kept,) = dana.get(f"{V2}/pages/{page_id}/attachments").json()["results"]
    assert (kept["fileSize"], kept["version"]["number"]) == (3, 1)


def test_site_wide_the_last_changed_file_comes_first(dana: Visitor, space: Space, clock: ManualClock) -> None:
    ids = []
    for title in ("A", "B"):
        clock.advance(1)
        page_id = dana.create(space, title)["id"]
        ids.append((page_id, dana.upload(page_id, "f", b"1").json()["results"][0]["id"]))
    clock.advance(1)
    dana.upload(ids[0][0], "f", b"2", method="PUT")
    listed = dana.get(f"{V2}/attachments?sort=-modified-date").json()["results"]
    assert [row["id"] for row in listed] == [ids[0][1], ids[1][1]]


def test_a_deleted_file_is_in_the_trash_and_its_name_is_free(dana: Visitor, space: Space) -> None:
    page_id = dana.create(space, "P")["id"]
    attachment_id = dana.upload(page_id, "a", b"1").json()["results"][0]["id"]
    assert dana.delete(f"{V2}/attachments/{attachment_id}").status_code == 204
    assert dana.get(f"{V2}/pages/{page_id}/attachments").json()["results"] == []
    assert dana.get(f"{V2}/attachments/{attachment_id}").json()["status"] == "trashed"
    assert dana.upload(page_id, "a", b"2").status_code == 200
    assert dana.delete(f"{V2}/attachments/{attachment_id}?purge=true").status_code == 204
    assert dana.get(f"{V2}/attachments/{attachment_id}").status_code == 404
