"""Root file systems that stand in for images and containers where no engine runs."""

import os
import shlex
import shutil
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

# What an engine gives a container that was told nothing else.
_PLAIN_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TMPFS_OPTIONS = "noexec,nosuid,nodev"
_DEVICES = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
}


@dataclass
class Stage:
    """A root file system on its way to becoming an image."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _PLAIN_PATH})
    arguments: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    entry: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)

    def inside(self, path: str) -> Path:
        """A path of the image as a path of this machine."""
        return self.root / os.path.join(self.folder, path).lstrip("/")

    def copied(self, root: Path) -> "Stage":
        """The same once more, elsewhere on the disk."""
        copy_tree(self.root, root)
        return Stage(
            root,
            dict(self.environment),
            {},
            self.folder,
            self.user,
            list(self.entry),
            list(self.command),
            list(self.health),
            list(self.volumes),
        )

    def run(self, command: list[str]) -> None:
        """Runs a step of a build to its end; raises where it fails."""
        # Pip's settings of this machine travel along, since its registry may be a mirror.
        outer = {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
        status = subprocess.call(
            in_root(self.root, self.folder, self.user, command),
            env={**outer, **self.environment, **self.arguments},
        )
        if status:
            raise SystemExit(f"failed with status {status}: {shlex.join(command)}")


def in_root(
    root: Path, folder: str, user: str, command: list[str], bare: bool = False
) -> list[str]:
    """The command line that starts a command in a root file system.

    With `bare`, as in a container with `cap_drop: [ALL]` and `no-new-privileges`.
    """
    inner = f"cd {shlex.quote(folder)} && exec {shlex.join(command)}"
    user_id, _, group_id = user.partition(":")
    rights = ["setpriv", f"--reuid={user_id}", f"--regid={group_id or user_id}", "--clear-groups"]
    if bare:
        rights += ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return ["chroot", str(root), *rights, "/bin/sh", "-c", inner]


def mount_system(root: Path) -> None:
    """What an engine gives every container, and this machine's settings of its packages."""
    for source, kind in (("proc", "proc"), ("/dev", None)):
        goal = root / ("proc" if kind else "dev")
        kind_option = ["-t", kind] if kind else ["--bind"]
        subprocess.run(["mount", *kind_option, source, str(goal)], check=True)
    for settings in ("/etc/resolv.conf", "/etc/pip.conf", "/etc/hosts"):
        if Path(settings).is_file():
            shutil.copy2(settings, root / settings.lstrip("/"))
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    if certificates.is_file():
        (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
        shutil.copy2(certificates, root / "etc/ssl/certs/ca-certificates.crt")


def mount_read_only(image: Path, view: Path) -> None:
    """Shows an image under another path, where nothing can be written to it."""
    view.mkdir(parents=True)
    subprocess.run(["mount", "--bind", str(image), str(view)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(view)], check=True)


def mount_tmpfs(goal: Path, size: str, mode: str) -> None:
    """A folder in memory, with the options that engines use."""
    options = f"{_TMPFS_OPTIONS},size={size},mode={mode}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(goal)], check=True)


def mount_devices(goal: Path) -> None:
    """The few devices that an engine gives a container, and its shared memory."""
    options = "mode=755,size=64k,nosuid,noexec"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(goal)], check=True)
    for name, numbers in _DEVICES.items():
        os.mknod(goal / name, 0o666 | stat.S_IFCHR, os.makedev(*numbers))
        (goal / name).chmod(0o666)
    (goal / "fd").symlink_to("/proc/self/fd")
    (goal / "shm").mkdir()
    mount_tmpfs(goal / "shm", size="64m", mode="1777")


def mount_folder(folder: Path, goal: Path) -> None:
    """A volume, which an engine fills from the image where it is new."""
    if not folder.exists():
        copy_tree(goal, folder)
    subprocess.run(["mount", "--bind", str(folder), str(goal)], check=True)


def unmount_below(folder: Path) -> None:
    """Lets go of all mounts, or deleting the folder would reach into this machine."""
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for mounted in sorted(mounts, reverse=True):
        if Path(mounted) == folder or folder in Path(mounted).parents:
            subprocess.run(["umount", "--lazy", mounted], check=False, capture_output=True)


def copy_tree(source: Path, goal: Path) -> None:
    """Copies a folder with owners and links, and nothing that is mounted in it."""
    goal.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["cp", "-a", "--one-file-system", "--reflink=auto", f"{source}/.", str(goal)], check=True
    )


def megabytes(folder: Path) -> int:
    """Room on the disk."""
    command = ["du", "-sm", "--one-file-system", str(folder)]
    return int(subprocess.run(command, capture_output=True, text=True).stdout.split()[0])
