"""`python -m ma2mi_preprocessing.service`."""

import argparse
import sys

from ..errors import InputError
from . import ServiceLimits, serve


def main(arguments: list[str] | None = None) -> int:
    """Run the service from the command line; returns the exit code."""
    defaults = ServiceLimits()
    parser = argparse.ArgumentParser(
        prog="python -m ma2mi_preprocessing.service",
        description="Optical flow over HTTP. There is no authentication: keep to loopback.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on")
    parser.add_argument(
        "--max-image-pixels",
        type=_positive,
        default=defaults.max_image_pixels,
        help="most pixels of one image",
    )
    parser.add_argument(
        "--max-concurrent",
        type=_positive,
        default=defaults.max_concurrent,
        help="most flows computed at once",
    )
    options = parser.parse_args(arguments)
    limits = ServiceLimits(
        max_image_pixels=options.max_image_pixels, max_concurrent=options.max_concurrent
    )
    try:
        serve(options.host, options.port, limits)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


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
