"""The wheel: what `pip install .` brings, by name."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ["api", "domain", "migrations", "projections", "seeds"]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in a wheel built from this checkout."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-build-isolation", "--wheel-dir", str(target), str(ROOT)]
    subprocess.run(command, check=True, cwd=target)
    (wheel,) = target.glob("callboard-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_its_top_level_names_are_the_rooms_of_the_house(names: list[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert sorted(top for top in tops if not top.endswith(".dist-info")) == PACKAGES
    assert len(tops) == len(PACKAGES) + 1


def test_it_has_every_file_of_the_rooms_and_no_other(names: list[str]) -> None:
    source = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == source
    assert "migrations/0001_log.sql" in source


def test_the_locks_name_versions_and_hashes_but_no_place(subtests: pytest.Subtests) -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        with subtests.test(name):
            text = (ROOT / name).read_text()
            assert "://" not in text
            assert "--index-url" not in text
            entries = text.replace("\\\n", " ").splitlines()
            assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_development_lock_agrees_with_the_one_that_users_get() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.startswith(" ")}

    assert pins("requirements.lock") - pins("requirements-dev.lock") == set()
