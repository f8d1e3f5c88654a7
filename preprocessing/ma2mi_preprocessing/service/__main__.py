"""`python -m ma2mi_preprocessing.service`."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from . import ServiceLimits, ServiceSetting, default_data, serve
from .jobs.supervisor import JobLimits
from .tokens import TOKENS_VARIABLE, read_tokens


def main(arguments: list[str] | None = None) -> int:
    """Run the service from the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        serve(options.host, options.port, setting_of(options))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def setting_of(options: argparse.Namespace) -> ServiceSetting:
    """The setting that the options ask for."""
    return ServiceSetting(
        data=options.data or default_data(),
        tokens=read_tokens(options.token_file),
        requests=replace(
            ServiceLimits(),
            max_image_pixels=options.max_image_pixels,
            max_concurrent=options.max_concurrent,
        ),
        jobs=replace(
            JobLimits(), workers=options.workers, kept_seconds=3600.0 * options.keep_hours
        ),
    )


def _parser() -> argparse.ArgumentParser:
    limits, jobs = ServiceLimits(), JobLimits()
    parser = argparse.ArgumentParser(
        prog="python -m ma2mi_preprocessing.service",
        description="Optical flow, and aligned faces of videos, over HTTP.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on")
    parser.add_argument(
        "--data", type=Path, default=None, help="folder for jobs; default: in the user's cache"
    )
    parser.add_argument(
        "--token-file",
        type=Path,
        default=None,
        help=f"tokens that may ask, one a line; else those of {TOKENS_VARIABLE}",
    )
    parser.add_argument(
        "--workers", type=_positive, default=jobs.workers, help="processes that work on jobs"
    )
    parser.add_argument(
        "--keep-hours",
        type=_positive,
        default=round(jobs.kept_seconds / 3600),
        help="how long files of finished jobs are kept",
    )
    parser.add_argument(
        "--max-image-pixels",
        type=_positive,
        default=limits.max_image_pixels,
        help="most pixels of one image",
    )
    parser.add_argument(
        "--max-concurrent",
        type=_positive,
        default=limits.max_concurrent,
        help="most flows computed at once",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 on is needed, not {text}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
