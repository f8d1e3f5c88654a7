"""What a request may cost."""

from dataclasses import dataclass, field

from ..available_cpus import available_cpus

# Field names, boundaries and headers of a multipart body with two files.
_MULTIPART_OVERHEAD = 64 * 1024

# By default, of all that is uploaded: a frame of a clip is an image like any other.
MAX_IMAGE_BYTES = 10 * 1024 * 1024
MAX_IMAGE_PIXELS = 1920 * 1088
MAX_FRAMES = 900


@dataclass(frozen=True)
class ServiceLimits:
    """Limits of one request.

    Attributes
    ----------
    max_image_bytes : int
        Most bytes of one uploaded image.
    max_image_pixels : int
        Most pixels of one image; the default admits 1920 x 1080.
    max_concurrent : int
        Most flows computed at once, one a CPU if not given; further requests wait.
    max_waiting : int
        Most requests for flow that wait; further ones are told to come back.
    """

    max_image_bytes: int = MAX_IMAGE_BYTES
    max_image_pixels: int = MAX_IMAGE_PIXELS
    max_concurrent: int = field(default_factory=available_cpus)
    max_waiting: int = 64

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={value}")

    @property
    def max_body_bytes(self) -> int:
        """Most bytes of a whole request with two images."""
        return 2 * self.max_image_bytes + _MULTIPART_OVERHEAD
