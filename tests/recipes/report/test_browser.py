"""The page in a browser: it fits a phone, and its print keeps what it says."""

import re
import shutil
import subprocess

import pytest

from ma2mi_recipes.report import write_report
from tests.recipes.report.made_up import (
    baseline,
    fits,
    heat_maps,
    info,
    key_frames,
    peeked_history,
    predictions,
    run,
)

PHONE = 390
# The page itself allows no script, so a frame of the phone's width measures it.
FRAME = """<!doctype html><title>x</title><iframe id="page" src="report.html"
style="width: {width}px; height: 800px; border: 0"></iframe><pre id="told"></pre><script>
document.getElementById("page").onload = event => {{
  const root = event.target.contentDocument.documentElement;
  const wide = [...root.querySelectorAll("body *")].filter(one =>
    one.getBoundingClientRect().right > {width} + 1 && !one.closest(".scroll, pre, details"));
  document.getElementById("told").textContent =
    `width ${{root.scrollWidth}} of ${{root.clientWidth}}, ${{wide.length}} stick out: `
    + wide.slice(0, 5).map(one => one.tagName + " " + one.className).join("; ");
}};
</script>"""


@pytest.fixture(scope="module")
def chromium():
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium found to open the page with")


def test_the_page_fits_a_phone(chromium, tmp_path):
    full = run(
        "a-name-of-a-run-that-is-longer-than-a-phone-is-wide",
        predictions=predictions(0.75, seeds=(0, 1)),
        info=info(select="peek", command="keras-ma2mi train " + "very/" * 40),
        last_predictions=predictions(0.5, seeds=(0, 1)),
        history=peeked_history(1.5),
        fits=fits(),
        key_frames=key_frames(frames=(0, 10)),
        heat_maps=heat_maps(),
        baselines=[baseline("linear_svm", 0.3)],
    )
    write_report(tmp_path / "report.html", "A report", [full, run("scratch", 0.5)])
    (tmp_path / "frame.html").write_text(FRAME.format(width=PHONE))
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--allow-file-access-from-files",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=5000",
            "--dump-dom",
            (tmp_path / "frame.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    told = re.search(r"width (\d+) of (\d+), (.*)</pre>", done.stdout)
    assert told, done.stderr[-500:]
    assert int(told[1]) <= int(told[2]) == PHONE
    assert told[3].startswith("0 stick out"), told[3]
