"""Compiled once, kept on disk, the same on any processor: each in a process of its own."""

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ma2mi_preprocessing
from ma2mi_preprocessing import optical_flow_tvl1, optical_strain
from ma2mi_preprocessing.benchmarks.flow_pairs import known_flow_pair
from ma2mi_preprocessing.kernels.pyramid import halve_image

_COMPUTE = """
import sys
import numpy as np
from ma2mi_preprocessing import optical_flow_tvl1, optical_strain
from ma2mi_preprocessing.kernels import tvl1

pairs = np.load(sys.argv[1])
flow = optical_flow_tvl1(pairs["reference"], pairs["moving"])
np.savez(sys.argv[2], flow=flow, strain=optical_strain(flow))
assembly = "".join(tvl1.iterate.inspect_asm().values())
print("zmm" if "zmm" in assembly else "ymm" if "ymm" in assembly else "xmm")
"""

# A few kernels in two files, compiled in a tenth of the time of all of them.
_HALVE = """
import sys
import numpy as np
from ma2mi_preprocessing.kernels.pyramid import halve_image

np.savez(sys.argv[2], half=halve_image(np.load(sys.argv[1])["reference"][0].astype(np.float32)))
"""


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """A still background with motion edges, a changing light, and a flow that leaves the image."""
    kinds = [("smooth", 3), ("discontinuity", 2), ("lighting", 2)]
    drawn = [known_flow_pair(64, 1.0, index, seed=9, kind=kind) for kind, index in kinds]
    path = tmp_path_factory.mktemp("pairs") / "pairs.npz"
    np.savez(
        path,
        reference=np.stack([pair.reference[:, :57] for pair in drawn]),
        moving=np.stack([pair.moving[:, :57] for pair in drawn]),
    )
    return path


def _compute(pairs, folder, code=_COMPUTE, **options):
    """Run in a new process; the arrays, what it printed and what it warned of."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment |= options.pop("environment", {})
    process = subprocess.run(
        [sys.executable, "-c", code, pairs, folder / "out.npz"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )
    assert process.returncode == 0, process.stderr
    # Read at once, as the next run writes the same file.
    return dict(np.load(folder / "out.npz")), process.stdout.strip(), process.stderr


def test_first_process_says_that_it_compiles_and_the_next_gives_the_same_bits(pairs, tmp_path):
    environment = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    first, _, said = _compute(pairs, tmp_path, environment=environment)
    assert said.count("compiling the optical-flow kernels for this computer, once") == 1
    second, _, said = _compute(pairs, tmp_path, environment=environment)
    assert "compiling" not in said
    for name in ("flow", "strain"):
        np.testing.assert_array_equal(second[name], first[name])
    assert np.abs(first["flow"]).max() > 1.0


def test_an_edit_of_a_kernel_reaches_the_kernels_that_call_it(pairs, tmp_path):
    """Numba alone would go on with the machine code of before."""
    package = Path(ma2mi_preprocessing.__file__).parent
    copy = tmp_path / package.name
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    paths = [str(tmp_path), *(path for path in sys.path if Path(path) != package.parent)]
    environment = {
        "PYTHONPATH": os.pathsep.join(paths),
        "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
    }
    before, _, _ = _compute(pairs, tmp_path, _HALVE, environment=environment)
    edited = copy / "kernels" / "resampling.py"
    text = edited.read_text()
    assert text.count("_SIXTEENTH = np.float32(1.0 / 16.0)\n") == 1
    edited.write_text(text.replace("(1.0 / 16.0)", "(1.0 / 32.0)"))
    after, _, said = _compute(pairs, tmp_path, _HALVE, environment=environment)
    assert "compiling" in said
    # The pairs are of even height and odd width, and this is the weight for odd sizes.
    np.testing.assert_array_equal(after["half"], before["half"] / 2)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="x86-64 processors")
@pytest.mark.parametrize(
    ("processor", "features", "registers"),
    [("x86-64", "", "xmm"), ("x86-64-v3", "+avx2,+fma", "ymm")],
)
def test_older_processors_give_the_same_flow(processor, features, registers, pairs, tmp_path):
    environment = {
        "NUMBA_CPU_NAME": processor,
        "NUMBA_CPU_FEATURES": features,
        "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
    }
    arrays, used, _ = _compute(pairs, tmp_path, environment=environment)
    assert used == registers
    images = np.load(pairs)
    here = optical_flow_tvl1(images["reference"], images["moving"])
    np.testing.assert_allclose(arrays["flow"], here, atol=1e-3)
    np.testing.assert_allclose(arrays["strain"], optical_strain(here), atol=1e-3)


def _obey_permissions():
    """Root writes where nobody may, unless it gives up the right to."""
    drop_bounding_capability, override_permissions = 24, 1
    ctypes.CDLL(None).prctl(drop_bounding_capability, override_permissions)


@pytest.mark.skipif(sys.platform != "linux", reason="permissions of Linux")
def test_folders_that_cannot_be_written_only_cost_time(pairs, tmp_path, monkeypatch):
    package = Path(ma2mi_preprocessing.__file__).parent
    copy, home, out = tmp_path / "library", tmp_path / "home", tmp_path / "out"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, copy / package.name, ignore=ignored)
    home.mkdir()
    out.mkdir()
    for folder in [copy, *(path for path in copy.rglob("*") if path.is_dir()), home]:
        folder.chmod(0o555)
    paths = [str(copy), *(path for path in sys.path if Path(path) != package.parent)]
    environment = {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PYTHONPATH": os.pathsep.join(paths),
    }
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    arrays, _, said = _compute(
        pairs, out, _HALVE, environment=environment, preexec_fn=_obey_permissions, cwd=out
    )
    assert "no folder to keep them in can be written; set NUMBA_CACHE_DIR" in said
    assert not list(tmp_path.rglob("*.nbi"))
    here = halve_image(np.load(pairs)["reference"][0].astype(np.float32))
    np.testing.assert_array_equal(arrays["half"], here)
