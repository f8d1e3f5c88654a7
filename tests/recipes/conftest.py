"""A small chain of stages, made once for all tests of the recipes."""

import os
from dataclasses import dataclass
from pathlib import Path

# Each tiny program is compiled here to be run a few times. Read when JAX is first imported.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")

import keras
import pytest
from click.testing import Result
from typer.testing import CliRunner

from ma2mi_recipes.cli import app


@dataclass(frozen=True)
class Chain:
    """Folders that the stages made."""

    clips: Path
    macro_store: Path
    micro_store: Path
    pretrained: Path
    run: Path


def call(*arguments: object) -> Result:
    """Runs `keras-ma2mi` in this process; a defect of ours raises instead of hiding."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def succeed(*arguments: object) -> str:
    """Runs a command that must succeed; returns what it printed."""
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="session")
def backend() -> str:
    return str(keras.config.backend())


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory, backend: str) -> Chain:
    folder = tmp_path_factory.mktemp("chain")
    chain = Chain(
        clips=folder / "clips",
        macro_store=folder / "macro.store",
        micro_store=folder / "micro.store",
        pretrained=folder / "runs" / "pretrained",
        run=folder / "runs" / "ma2mi",
    )
    for kind, subjects in (("macro", 2), ("micro", 3)):
        succeed("synthesize", kind, chain.clips / kind, "--subjects", subjects,
                "--clips-per-subject", 4, "--size", 96)  # fmt: skip
    common = ("--size", 32, "--workers", 1, "--detector", "none")
    succeed("preprocess", chain.clips / "macro" / "manifest.csv", chain.macro_store, *common,
            "--pairs", "gap", "--pairs-per-clip", 4)  # fmt: skip
    succeed("preprocess", chain.clips / "micro" / "manifest.csv", chain.micro_store, *common)
    succeed("pretrain", chain.macro_store, chain.pretrained, "--epochs", 2, "--batch-size", 8,
            "--backend", backend)  # fmt: skip
    succeed("train", chain.micro_store, chain.run, "--pretrained", chain.pretrained,
            "--epochs", 2, "--batch-size", 4, "--backend", backend)  # fmt: skip
    return chain
