"""A network is fetched once and checked; what is not the published file never gets into use."""

import contextlib
import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.faces import create_detector, registry
from ma2mi_preprocessing.faces.model_files import (
    CACHE_VARIABLE,
    YUNET_2023,
    ModelFile,
    cache_folder,
    fetched,
)

CONTENT = bytes(range(256)) * 700


class Publisher(ThreadingHTTPServer):
    """Serves CONTENT, in ways that the path names, and counts requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = 0

    def file(self, path: str = "good") -> ModelFile:
        return ModelFile(
            name="net.onnx",
            url=f"http://127.0.0.1:{self.server_port}/{path}",
            sha256=hashlib.sha256(CONTENT).hexdigest(),
            size=len(CONTENT),
        )


class Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        self.server.requests += 1
        if self.path == "/missing":
            self.send_error(404)
            return
        body = {
            "/good": CONTENT,
            "/other": CONTENT[:-1] + b"?",
            "/short": CONTENT[: len(CONTENT) // 2],
            "/cut": CONTENT[: len(CONTENT) // 2],
            "/long": CONTENT * 50,
        }[self.path]
        self.send_response(200)
        announced = len(CONTENT) if self.path == "/cut" else len(body)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_file_is_fetched_once_and_kept(publisher: Publisher, cache: Path) -> None:
    first, second = fetched(publisher.file()), fetched(publisher.file())
    assert first == second == cache / "net.onnx"
    assert first.read_bytes() == CONTENT
    assert publisher.requests == 1


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("other", "checksum"),
        ("short", r"bytes came"),
        ("cut", "cannot fetch"),
        ("long", "more than 179200 bytes"),
        ("missing", "Not Found"),
    ],
)
def test_anything_else_is_refused_and_leaves_nothing_behind(
    path: str, part: str, publisher: Publisher, cache: Path
) -> None:
    with pytest.raises(InputError, match=part) as error:
        fetched(publisher.file(path))
    assert "\n" not in str(error.value)
    assert "--detector-model" in str(error.value)
    assert not cache.exists() or list(cache.iterdir()) == []


def test_without_a_network_the_error_says_where_to_get_the_file(publisher: Publisher) -> None:
    file = publisher.file()
    publisher.shutdown()
    publisher.server_close()
    with pytest.raises(InputError, match=r"cannot fetch net\.onnx") as error:
        fetched(file)
    assert file.url in str(error.value)


def test_damaged_file_in_the_cache_is_fetched_anew(publisher: Publisher, cache: Path) -> None:
    fetched(publisher.file())
    (cache / "net.onnx").write_bytes(CONTENT[:100])
    assert fetched(publisher.file()).read_bytes() == CONTENT


def test_two_processes_at_once_both_get_the_file(publisher: Publisher, cache: Path) -> None:
    file = publisher.file()
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from ma2mi_preprocessing.faces.model_files import ModelFile, fetched\n"
        f"print(len(fetched({file!r}).read_bytes()))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == ["179200"] * 2
    assert [path.name for path in cache.iterdir()] == ["net.onnx"]


def test_cache_that_cannot_be_written_is_one_line(publisher: Publisher, cache: Path) -> None:
    cache.write_text("a file where a folder should be")
    with pytest.raises(InputError, match="cannot write"):
        fetched(publisher.file())


def test_cache_is_where_the_platform_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    found = {}
    for platform in ("linux", "darwin", "win32"):
        monkeypatch.setattr(sys, "platform", platform)
        found[platform] = cache_folder()
    assert found["linux"] == Path("/x/keras-ma2mi")
    assert found["win32"] == Path("/local/keras-ma2mi")
    assert found["darwin"].parts[-3:] == ("Library", "Caches", "keras-ma2mi")


def test_yunet_without_a_file_is_the_fetched_one(
    publisher: Publisher, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = (real_data / "models" / "yunet_n_640_640.onnx").read_bytes()
    monkeypatch.setattr(sys.modules[__name__], "CONTENT", network)
    monkeypatch.setattr(registry, "YUNET_2023", publisher.file())
    assert create_detector("yunet").name == "yunet"
    assert publisher.requests == 1


def test_published_network_is_pinned_to_a_revision() -> None:
    assert YUNET_2023.url.startswith("https://")
    assert "/main/" not in YUNET_2023.url
    assert len(YUNET_2023.sha256) == 64
