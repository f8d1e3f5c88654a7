"""Takes the pictures of the service's page that the documentation shows, in headless Chromium.

    python docs_site/take_screenshots.py docs

Needs the extras `all` and `test`, Chromium and its driver. The face is rendered: nobody's.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from selenium import webdriver

from ma2mi_preprocessing.synthesis import render_clip
from ma2mi_preprocessing.synthesis.frame_files import write_frames

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
)
_SIZE = 288
_STILL = 20
_LONGEST = 240.0


def main(out: Path) -> None:
    """Starts the service with the weights that need no labelled clip, and looks at its page."""
    with tempfile.TemporaryDirectory() as name:
        video = rendered_video(Path(name))
        port = free_port()
        command = [sys.executable, "-m", "ma2mi_recipes", "serve", "--zero-shot", "3",
                   "--port", str(port), "--data", str(Path(name) / "service")]  # fmt: skip
        service = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        browser = started_browser()
        try:
            photograph(browser, f"http://127.0.0.1:{port}/", video, out)
        finally:
            browser.quit()
            service.terminate()
            service.wait(30)


def rendered_video(folder: Path) -> Path:
    """Somebody who does not exist, at rest before and after an expression."""
    clip = render_clip("macro", subject=3, clip=1, size=_SIZE, seed=7, style="natural")
    frames = np.concatenate([clip.frames[:1]] * _STILL + [clip.frames])
    path = folder / "rendered_face.avi"
    write_frames(frames, clip.fps, path, "video")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started_browser() -> Any:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ARGUMENTS:
        options.add_argument(argument)
    return webdriver.Chrome(
        options=options, service=webdriver.ChromeService(shutil.which("chromedriver"))
    )


def photograph(browser: Any, address: str, video: Path, out: Path) -> None:
    """The page on a desk in the light, and on a phone in the dark."""
    seen_as(browser, 1280, 1060, "light")
    until(lambda: opened(browser, address))
    browser.find_element("id", "file").send_keys(str(video))
    until(lambda: "Clip of" in browser.find_element("id", "viewer-title").text)
    until(lambda: browser.find_element("id", "prediction").text)
    save(browser, out / "service_page.png")
    seen_as(browser, 390, 1500, "dark")
    save(browser, out / "service_page_phone.png")


def opened(browser: Any, address: str) -> bool:
    try:
        browser.get(address)
    except Exception:
        return False
    return bool(browser.find_elements("id", "file"))


def seen_as(browser: Any, width: int, height: int, scheme: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def save(browser: Any, path: Path) -> None:
    time.sleep(2.0)
    picture = cv2.imdecode(np.frombuffer(browser.get_screenshot_as_png(), np.uint8), 1)
    assert cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(path)


def until(holds: Callable[[], Any]) -> None:
    end = time.monotonic() + _LONGEST
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("the page did not come so far")
        time.sleep(0.3)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
