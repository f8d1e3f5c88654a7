"""`doctor`: what is wrong is found, said in a line, and comes with what to do."""

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from ma2mi_recipes.backend import Backend
from ma2mi_recipes.doctor import Finding, backends, machine, packages
from tests.recipes.conftest import call, succeed


def by_name(findings: object) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings}  # type: ignore[attr-defined]


def test_all_that_is_needed_is_found_in_an_installation(tmp_path: Path) -> None:
    found = by_name(packages.package_findings())
    for name in ("keras", "numba", "opencv-contrib-python-headless", "typer"):
        assert found[name].words == importlib.metadata.version(name)
    assert {"extra service", "extra tensorflow", "extra jax", "extra torch"} <= set(found)
    assert not {"extra all", "extra test"} & set(found)


@pytest.mark.parametrize(
    ("version", "state", "words", "advice"),
    [
        (None, "bad", "is missing", 'pip install "keras>=3,<4"'),
        ("2.15.0", "bad", "2.15.0, and <4,>=3 is needed", 'pip install "keras'),
        ("3.15.1", "good", "3.15.1", ""),
    ],
)
def test_a_package_that_is_missing_or_does_not_fit_is_bad(
    monkeypatch: pytest.MonkeyPatch, version: str | None, state: str, words: str, advice: str
) -> None:
    monkeypatch.setattr(packages, "installed_version", lambda name: version)
    finding = packages._needed(Requirement("keras>=3,<4"))
    assert (finding.state, finding.words) == (state, words)
    assert finding.advice.startswith(advice.split(">=")[0])
    assert bool(finding.advice) == bool(advice)


def test_an_extra_that_is_not_installed_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        packages, "installed_version", lambda name: None if name == "uvicorn" else "1.0"
    )
    wanted = [Requirement("fastapi>=0.1"), Requirement("uvicorn>=0.3")]
    finding = packages._extra("service", wanted)
    assert (finding.state, finding.words) == ("note", "not installed (uvicorn)")
    assert 'pip install "keras-ma2mi[service]"' in finding.advice
    unfit = packages._extra("service", [Requirement("fastapi>=2")])
    assert (unfit.state, unfit.words) == ("bad", "fastapi 1.0 is not >=2")


def test_two_packages_of_opencv_overwrite_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"opencv-python", "opencv-contrib-python-headless"}
    monkeypatch.setattr(
        packages, "installed_version", lambda name: "4.10" if name in there else None
    )
    (finding,) = packages._rivals()
    assert finding.state == "bad"
    assert "pip uninstall opencv-python opencv-contrib-python-headless" in finding.advice


def test_a_backend_that_cannot_be_imported_is_bad_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jax").mkdir()
    (tmp_path / "jax" / "__init__.py").write_text("raise OSError('libcudnn is too old')")
    monkeypatch.syspath_prepend(str(tmp_path))
    finding = backends.tried(Backend.jax)
    assert (finding.state, finding.words) == ("bad", "OSError: libcudnn is too old")
    assert "keras-ma2mi[jax]" in finding.advice


def test_without_a_backend_it_says_which_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "installed_backends", list)
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    nothing, variable = backends.backend_findings()
    assert (nothing.state, variable.state) == ("note", "bad")
    assert "theano" in variable.words
    assert "tensorflow" in nothing.advice


def test_a_full_disk_and_a_folder_of_others_are_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine._room("cache", tmp_path / "not" / "there" / "yet").state == "good"
    monkeypatch.setattr(machine, "_LEAST_FREE", 10**18)
    full = machine._room("cache", tmp_path)
    assert (full.state, "MA2MI_CACHE" in full.advice) == ("bad", True)
    monkeypatch.setattr(machine, "_LEAST_FREE", 0)
    (tmp_path / "kept").write_bytes(bytes(2 * 1024**2))
    assert "1 files of 2.0 MiB in it" in machine._room("cache", tmp_path).words


def test_a_folder_that_is_a_file_or_read_only_is_bad(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    in_the_way = machine._room("cache", tmp_path / "file" / "below")
    assert (in_the_way.state, "MA2MI_CACHE" in in_the_way.advice) == ("bad", True)
    assert "Not a directory" in in_the_way.words
    # Not even root may write here, and only trying tells.
    read_only = machine._room("temporary files", Path("/proc/self"))
    assert (read_only.state, "TMPDIR" in read_only.advice) == ("bad", True)


def test_a_machine_without_temporary_files_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(machine.tempfile, "gettempdir", none)
    finding = by_name(machine.machine_findings())["temporary files"]
    assert (finding.state, "TMPDIR" in finding.advice) == ("bad", True)


def test_a_network_that_was_damaged_is_not_taken_for_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(machine.CACHE_VARIABLE, str(tmp_path))
    assert machine._fetched_files().words == "is not fetched yet"
    (tmp_path / machine.YUNET_2023.name).write_bytes(b"half of it")
    finding = machine._fetched_files()
    assert (finding.state, "delete it" in finding.advice) == ("note", True)


def test_a_package_that_cannot_be_imported_does_not_end_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ma2mi_recipes.doctor import findings

    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.delitem(sys.modules, "ma2mi_recipes.doctor.machine")
    monkeypatch.delattr("ma2mi_recipes.doctor.machine")
    found = by_name(findings(backends=False))
    assert (found["preprocessing"].state, "cv2" in found["preprocessing"].words) == ("bad", True)
    assert found["numpy"].state == "good"


def test_kernels_without_a_folder_work_and_are_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "MiB in" in machine._kernels().words
    monkeypatch.setattr(machine, "kept_in", lambda kernel: None)
    finding = machine._kernels()
    assert (finding.state, "in every process" in finding.words) == ("bad", True)


def test_opencv_without_ffmpeg_reads_few_videos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.cv2.videoio_registry, "getBackendName", lambda one: "CV_MJPEG")
    finding = machine._videos()
    assert (finding.state, "without FFMPEG" in finding.words) == ("note", True)


def test_an_accelerator_that_a_backend_does_not_use_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = json.dumps({"devices": ["cpu:0"], "finite": True, "seconds": 1.0})
    outcome = subprocess.CompletedProcess([], 0, stdout=f"found: {said}\n", stderr="")
    monkeypatch.setattr(backends.subprocess, "run", lambda *_, **__: outcome)
    monkeypatch.setattr(backends, "nvidia_is_there", lambda: True)
    finding = backends.tried(Backend.jax)
    assert (finding.state, 'pip install "jax[cuda12]"' in finding.advice) == ("note", True)
    outcome.stdout = outcome.stdout.replace("cpu:0", "NVIDIA H100 80GB HBM3")
    assert backends.tried(Backend.torch).state == "good"


def test_kernels_that_cannot_be_kept_are_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        from ma2mi_preprocessing.errors import InputError

        raise InputError("cannot keep the compiled flow kernels: no room")

    monkeypatch.setattr(machine, "compile_kernels", full)
    finding = machine._kernels()
    assert (finding.state, "NUMBA_CACHE_DIR" in finding.advice) == ("bad", True)


def test_a_decoder_that_loses_frames_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "read_frames", lambda path: iter([0, 1]))
    finding = machine._videos()
    assert (finding.state, finding.words) == ("bad", "2 of 3 frames came back")


def test_the_command_shows_all_and_ends_with_one_where_something_is_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = succeed("doctor", "--no-backends", "--json", tmp_path / "found.json")
    assert "video decoding" in said
    found = json.loads((tmp_path / "found.json").read_text())
    assert {one["state"] for one in found} <= {"good", "note"}
    monkeypatch.setattr(machine, "_LEAST_FREE", 10**18)
    result = call("doctor", "--no-backends")
    assert result.exit_code == 1
    assert "findings are bad" in result.output


def test_the_command_trains_with_a_backend() -> None:
    import keras

    # Under the NumPy backend, which cannot train, any that is installed will do.
    backend = keras.config.backend()
    chosen = Backend(backend) if backend in list(Backend) else backends.installed_backends()[-1]
    finding = backends.tried(chosen)
    assert finding.state == "good"
    assert "cpu" in finding.words.lower() or "gpu" in finding.words.lower()
