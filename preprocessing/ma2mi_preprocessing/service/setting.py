"""Everything that decides how a service behaves."""

from dataclasses import dataclass, field
from pathlib import Path

from ..faces.model_files import cache_folder
from .clip_upload import UploadLimits
from .jobs.clip_results import ClipLimits
from .jobs.pair_model import ModelSource
from .jobs.supervisor import JobLimits
from .limits import ServiceLimits


@dataclass(frozen=True)
class ServiceSetting:
    """A service, before it is started.

    Attributes
    ----------
    data : Path or None
        Folder for the jobs; None for a service without jobs, which computes flow alone.
    tokens : tuple of str
        Bearer tokens; with none nobody is asked for one.
    requests : ServiceLimits
        What one request may cost.
    uploads : UploadLimits
        What an uploaded clip may take.
    clips : ClipLimits
        What a clip may cost.
    jobs : JobLimits
        What jobs may cost together.
    model : ModelSource or None
        What is asked about each clip; None for preprocessing alone.
    """

    data: Path | None = None
    tokens: tuple[str, ...] = field(default=(), repr=False)
    requests: ServiceLimits = field(default_factory=ServiceLimits)
    uploads: UploadLimits = field(default_factory=UploadLimits)
    clips: ClipLimits = field(default_factory=ClipLimits)
    jobs: JobLimits = field(default_factory=JobLimits)
    model: ModelSource | None = None


def default_data() -> Path:
    """The folder of the service of this user."""
    return cache_folder() / "service"
