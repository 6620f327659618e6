"""On which line of a TOML file each key stands, so that a problem can be shown where it is to be mended.

`tomllib` gives values without places. This scan takes text that `tomllib` has accepted and only keeps count of places.
"""

import re
import tomllib

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[\s]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{1,2}(?!"))?' + r"|'''.*?'''(?:'{1,2}(?!'))?" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}\n#]*")


def key_lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every table, key and array element, by its path from the top."""
    return _Scan(text).document()


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of the nearest thing on the way to `path` that stands in the file; 1 when nothing does."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 1)


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._elements: dict[Path, int] = {}

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while not self._is_at_end():
            if self._take("[["):
                table = self._next_element(self._header("]]"))
            elif self._take("["):
                table = self._resolved(self._header("]"))
                self._mark(table)
            else:
                self._pair(table)
        return self._lines

    def _is_at_end(self) -> bool:
        self._skip(_BLANK)
        return self._at >= len(self._text)

    def _header(self, end: str) -> Path:
        self._skip(_BLANK)
        keys = self._keys()
        self._skip(_BLANK)
        self._take(end)
        return keys

    def _next_element(self, keys: Path) -> Path:
        array = (*self._resolved(keys[:-1]), keys[-1])
        place = self._elements.get(array, 0)
        self._elements[array] = place + 1
        self._mark(array)
        self._mark((*array, place))
        return (*array, place)

    def _resolved(self, keys: Path) -> Path:
        """A header's keys with the element in force put in wherever one of them names an array of tables."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self._elements:
                path = (*path, self._elements[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        path = (*table, *self._keys())
        self._mark(path)
        self._skip(_BLANK)
        self._take("=")
        self._skip(_BLANK)
        self._value(path)

    def _keys(self) -> Path:
        keys = [self._key()]
        while self._skip(_DOT):
            keys.append(self._key())
        return tuple(keys)

    def _key(self) -> str:
        raw = self._skip(_KEY)
        return str(tomllib.loads(f"key = {raw}")["key"]) if raw[:1] in ('"', "'") else raw

    def _value(self, path: Path) -> None:
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            while not self._closed("}"):
                self._pair(path)
        elif not self._skip(_STRING):
            self._skip(_PLAIN)

    def _array(self, path: Path) -> None:
        place = 0
        while not self._closed("]"):
            self._mark((*path, place))
            self._value((*path, place))
            place += 1

    def _closed(self, bracket: str) -> bool:
        """Whether a bracket closes here, once blanks and a comma are passed."""
        self._skip(_BLANK)
        self._take(",")
        self._skip(_BLANK)
        return self._take(bracket)

    def _mark(self, path: Path) -> None:
        """Set down where `path` stands, and with it every table above that no header of its own has named yet."""
        line = self._text.count("\n", 0, self._at) + 1
        for end in range(1, len(path) + 1):
            self._lines.setdefault(path[:end], line)

    def _take(self, literal: str) -> bool:
        taken = self._text.startswith(literal, self._at)
        self._at += len(literal) if taken else 0
        return taken

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return match.group() if match else ""
