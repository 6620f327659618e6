"""`markdown-to-confluence` publishes a folder of Markdown: pages, a picture, labels, tasks, links and properties."""

import base64
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from tests.connector.sandbox.clients.conftest import Served

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GUIDE = """# Evidence guide

How to hand in evidence. See [the other page](sub/other.md), and mind &amp; the "quotes".

- [ ] collect it
- [x] ask who has it

| what | by |
|---|---|
| list | IT |

```python
print("<done>")
```

![figure](figure.png)
"""
OTHER = "---\ntags: [soc2, guide]\n---\n# Other\n\nSome *text*.\n\n> [!NOTE]\n> careful\n"

if importlib.util.find_spec("md2conf") is None:
    pytest.skip("markdown-to-confluence is not installed: pip install -e '.[clients]'", allow_module_level=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.md").write_text(GUIDE)
    (tmp_path / "sub" / "other.md").write_text(OTHER)
    (tmp_path / "figure.png").write_bytes(PICTURE)
    return tmp_path


def publish(served: Served, folder: Path) -> None:
    """The command as its users give it."""
    root = served.site.confluence.space_by_key("SOC2").homepage_id
    host = served.url.removeprefix("http://")
    where = ["--api-url", f"{served.url}/wiki/", "-d", host, "-p", "/wiki/", "-s", "SOC2", "-r", str(root)]
    command = [sys.executable, "-m", "md2conf", str(folder), *where, "-u", BOT_EMAIL, "-a", BOT_TOKEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_folder_becomes_pages_and_only_what_changed_is_written_again(served: Served, folder: Path) -> None:
    publish(served, folder)
    state = served.site.confluence
    guide, other = (next(page for page in state.pages.values() if page.title == t) for t in ("Evidence guide", "Other"))
    assert other.parent_id == guide.content_id
    assert {label.name for label in other.labels.values()} == {"soc2", "guide"}
    assert [file.file_name for file in state.attachments.on(guide.content_id)] == ["figure.png"]
    assert [task.is_complete for task in state.tasks.on(guide.content_id)] == [False, True]
    assert 'ac:name="code"' in guide.body
    versions = (guide.version.number, other.version.number)
    (folder / "index.md").write_text(GUIDE + "\nOne thing more.\n")
    publish(served, folder)
    assert (guide.version.number, other.version.number) == (versions[0] + 1, versions[1])
    assert "One thing more." in guide.body
    assert len(state.attachments.on(guide.content_id)[0].versions) == 1
