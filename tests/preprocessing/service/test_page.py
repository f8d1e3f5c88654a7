"""The page of the service in a headless browser: by mouse, by keyboard, in the dark, on a phone."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.preprocessing.pipeline.small_clips import moving_texture
from tests.preprocessing.service.pictures import encoded
from tests.preprocessing.service.test_service import ENVIRONMENT

webdriver = pytest.importorskip("selenium.webdriver")
pytest.importorskip("uvicorn")
pytest.importorskip("fastapi")

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="there is no chromium with chromedriver"),
    # One browser and one service for all.
    pytest.mark.xdist_group("page"),
]

ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--window-size=1280,1000", "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)  # fmt: skip
TOKEN = "a-token-for-the-page-0123456789"
FRAMES = 24


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = tmp_path_factory.mktemp("service")
    command = [sys.executable, "-m", "ma2mi_preprocessing.service", "--port", str(port),
               "--data", str(data)]  # fmt: skip
    process = subprocess.Popen(
        command,
        env={**ENVIRONMENT, "KERAS_MA2MI_TOKENS": TOKEN},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        until(lambda: answers(url), 60)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(holds: Callable[[], Any], seconds: float = 40.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.zip"
    with zipfile.ZipFile(path, "w") as file:
        for number, frame in enumerate(moving_texture(FRAMES)):
            file.writestr(f"{number}.png", encoded(frame))
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def by(browser: Any, name: str) -> Any:
    return browser.find_element("id", name)


def problems(browser: Any) -> list[str]:
    """What the browser complained of; that a request without a token was refused is no problem."""
    return [
        line["message"]
        for line in browser.get_log("browser")
        if line["level"] == "SEVERE" and "401" not in line["message"]
    ]


@pytest.fixture(scope="module")
def shown(browser: Any, address: str, clip: Path) -> Any:
    """The page with a token given and a clip shown."""
    browser.get(address)
    until(lambda: by(browser, "token-dialog").get_attribute("open"))
    by(browser, "token").send_keys(TOKEN + "\n")
    until(lambda: not by(browser, "token-dialog").get_attribute("open"))
    browser.execute_script("document.getElementById('detector').value = 'none';"
                           "document.getElementById('size').value = 64;")  # fmt: skip
    by(browser, "file").send_keys(str(clip))
    until(lambda: by(browser, "viewer-title").text.startswith("Clip of"))
    until(lambda: by(browser, "strain").get_attribute("naturalWidth") == "64")
    return browser


def pixels(browser: Any) -> int:
    """A number that tells pictures of the face apart."""
    found = browser.execute_script(
        "const c = document.getElementById('face');"
        "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
        ".reduce((sum, value, place) => (sum * 31 + value * (place % 7 + 1)) % 1000003, 0);"
    )
    return int(found)


def test_a_clip_is_shown_with_its_curve_marks_and_pictures(shown: Any) -> None:
    points = shown.find_element("css selector", ".curve .line").get_attribute("points")
    assert len(points.split()) == FRAMES
    marks = [mark.get_attribute("aria-label")
             for mark in shown.find_elements("css selector", ".curve .mark")]  # fmt: skip
    assert marks == ["onset", "apex", "offset"]
    for name in ("flow", "strain", "difference"):
        assert by(shown, name).get_attribute("naturalWidth") == "64"
    assert len(shown.find_elements("css selector", "#downloads button")) == 4
    assert len(shown.find_elements("css selector", "#jobs li")) >= 1
    assert problems(shown) == []


def test_marks_are_moved_by_keys_and_flow_follows(shown: Any) -> None:
    onset = shown.find_element("css selector", ".curve .mark.onset")
    before, words = by(shown, "flow").get_attribute("src"), by(shown, "flow-words").text
    onset.send_keys("\ue011")  # Home
    until(lambda: by(shown, "flow").get_attribute("src") != before)
    assert onset.get_attribute("aria-valuenow") == "0"
    assert by(shown, "flow-words").text.startswith("Flow from frame 0 to ")
    apex = shown.find_element("css selector", ".curve .mark.apex")
    place = int(apex.get_attribute("aria-valuenow"))
    apex.send_keys("\ue012")  # arrow to the left
    assert int(apex.get_attribute("aria-valuenow")) == place - 1
    assert by(shown, "frame").get_attribute("value") == str(place - 1)
    until(lambda: by(shown, "flow-words").text != words)
    # The onset never comes behind the apex.
    onset.send_keys("\ue010")  # End
    assert int(onset.get_attribute("aria-valuenow")) == place - 2


def test_marks_are_dragged(shown: Any) -> None:
    offset = shown.find_element("css selector", ".curve .mark.offset circle")
    apex = shown.find_element("css selector", ".curve .mark.apex")
    apex.send_keys("\ue010")
    mark = shown.find_element("css selector", ".curve .mark.offset")
    left = shown.find_element("css selector", ".curve svg").rect["x"]
    there = int(left - offset.rect["x"])
    webdriver.ActionChains(shown).drag_and_drop_by_offset(offset, there, 0).perform()
    assert mark.get_attribute("aria-valuenow") == apex.get_attribute("aria-valuenow")


def test_frames_are_shown_one_by_one_and_played(shown: Any) -> None:
    frame = by(shown, "frame")
    frame.send_keys("\ue011")
    until(lambda: by(shown, "frame-words").text.startswith("0 "))
    first = pixels(shown)
    frame.send_keys("\ue014")  # arrow to the right
    until(lambda: by(shown, "frame-words").text.startswith("1 "))
    assert until(lambda: pixels(shown) != first)
    by(shown, "play").click()
    assert by(shown, "play").text == "Pause"
    until(lambda: int(frame.get_attribute("value")) > 5)
    by(shown, "play").click()
    assert by(shown, "play").text == "Play"


def test_flow_over_the_face_can_be_taken_away(shown: Any) -> None:
    by(shown, "frame").send_keys("\ue010")
    until(lambda: by(shown, "frame-words").text.startswith(f"{FRAMES - 1} "))
    over = pixels(shown)
    by(shown, "blend").send_keys("\ue011")
    until(lambda: pixels(shown) != over)


def test_a_file_that_is_no_clip_is_refused_in_words(shown: Any, tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("these are notes")
    by(shown, "file").send_keys(str(path))
    until(lambda: "neither a video" in by(shown, "message").text)
    shown.get_log("browser")


def test_it_is_usable_on_a_phone_and_in_the_dark(shown: Any) -> None:
    command = "Emulation.setDeviceMetricsOverride"
    size = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    shown.execute_cdp_cmd(command, size)
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    shown.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    try:
        width = shown.execute_script("return document.documentElement.scrollWidth")
        assert width <= 360
        ink, ground = shown.execute_script(
            "const style = getComputedStyle(document.body);"
            "return [style.color, style.backgroundColor];"
        )
        assert brightness(ink) > 200 > 60 > brightness(ground)
        small = shown.execute_script(
            "return [...document.querySelectorAll('button')].filter((one) => one.offsetParent"
            " && one.offsetHeight < 36).map((one) => one.textContent)"
        )
        assert small == []
    finally:
        shown.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        shown.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def brightness(colour: str) -> float:
    red, green, blue = (float(part) for part in colour.strip("rgb()").split(",")[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_all_controls_are_reached_by_the_keyboard_and_have_names(shown: Any) -> None:
    nameless = shown.execute_script(
        "return [...document.querySelectorAll('button, input, select, [tabindex=\"0\"]')]"
        ".filter((one) => one.checkVisibility())"
        ".filter((one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length))"
        ".map((one) => one.outerHTML)"
    )
    assert nameless == []
    assert shown.find_elements("css selector", "img:not([alt])") == []


def test_nothing_is_asked_of_other_machines(shown: Any, address: str) -> None:
    asked = shown.execute_script(
        "return performance.getEntriesByType('resource').map((one) => one.name)"
    )
    assert asked
    assert [one for one in asked if not one.startswith((address, "blob:", "data:"))] == []


def test_a_recording_of_the_camera_is_sent(shown: Any) -> None:
    by(shown, "camera").click()
    until(lambda: by(shown, "record").is_displayed())
    by(shown, "camera-stop").click()
    until(lambda: by(shown, "camera").is_displayed())


def test_a_clip_is_deleted(shown: Any) -> None:
    count = len(shown.find_elements("css selector", "#jobs li"))
    shown.find_element("css selector", "#jobs li button[aria-label^=Delete]").click()
    until(lambda: len(shown.find_elements("css selector", "#jobs li")) == count - 1)
    assert by(shown, "shown").get_attribute("hidden") is not None


def test_the_viewer_of_the_openapi_document_works_offline(browser: Any, address: str) -> None:
    browser.get(address + "docs")
    shown = until(lambda: browser.find_elements("css selector", ".opblock-summary-path"))
    assert "/v1/clips/{identifier}/motion" in {path.get_attribute("data-path") for path in shown}
    asked = browser.execute_script(
        "return performance.getEntriesByType('resource').map((one) => one.name)"
    )
    assert {one.startswith((address, "data:")) for one in asked} == {True}
