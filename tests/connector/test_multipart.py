"""A form read back by werkzeug's own parser holds what was put in, however it is read."""

import io

import pytest
from werkzeug.formparser import parse_form_data

from connector.multipart import FileForm


def parsed(body: bytes, content_type: str) -> tuple[dict[str, str], str | None, bytes, str]:
    environ = {
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": content_type,
        "REQUEST_METHOD": "PUT",
    }
    _, fields, files = parse_form_data(environ)
    file = files["file"]
    return dict(fields), file.filename, file.stream.read(), file.mimetype


@pytest.mark.parametrize("content", [b"", b"x", b"\r\n--", bytes(range(256)) * 700])
@pytest.mark.parametrize("size", [1, 7, 8192, -1])
def test_what_goes_in_comes_out_and_is_as_long_as_it_says(content: bytes, size: int) -> None:
    form = FileForm({"comment": "Prüfung: 1 < 2", "minorEdit": "true"}, "a.bin", io.BytesIO(content), "image/png")
    body = b"".join(iter(lambda: form.read(size), b""))
    assert len(body) == len(form)
    assert parsed(body, form.content_type) == (
        {"comment": "Prüfung: 1 < 2", "minorEdit": "true"},
        "a.bin",
        content,
        "image/png",
    )


def test_only_the_rest_of_a_file_is_sent_when_it_was_begun() -> None:
    content = io.BytesIO(b"0123456789")
    content.seek(4)
    form = FileForm({}, "a", content, "text/plain")
    assert parsed(form.read(), form.content_type)[2] == b"456789"


def test_a_name_cannot_add_lines_to_the_form() -> None:
    name = 'a"\r\nContent-Type: text/html\r\n\r\nb'
    form = FileForm({}, name, io.BytesIO(b"x"), "text/plain\r\nX: y")
    head = form.read().decode().partition("\r\n\r\n")[0]
    assert head.splitlines()[1:] == [
        'Content-Disposition: form-data; name="file"; filename="a%22%0D%0AContent-Type: text/html%0D%0A%0D%0Ab"',
        "Content-Type: text/plainX: y",
    ]
