"""Lock the Python dependencies with hashes, or (--check) see that every lock belongs to its manifest."""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARK = "# pyproject.toml: "
LOCKS = {
    "requirements.txt": ["pyproject.toml"],
    "requirements-dev.txt": ["pyproject.toml", "--extra", "dev"],
    "requirements-node.txt": ["--group", "node"],
}
OPTIONS = ["--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
OPTIONS += ["--no-emit-index-url", "--no-header", "--no-annotate"]


def fingerprint() -> str:
    """What the locks depend on: versions of Python and of every dependency asked for."""
    manifest = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = manifest["project"]
    asked = [project["requires-python"], project["dependencies"], project["optional-dependencies"]]
    asked.append(manifest["dependency-groups"])
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def write() -> None:
    for name, source in LOCKS.items():
        command = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, *source, "-o", name]
        subprocess.run(command, cwd=ROOT, check=True)
        path = ROOT / name
        path.write_text(f"{MARK}{fingerprint()}\n{path.read_text()}")


def problems() -> list[str]:
    found = [
        f"{name} 与 pyproject.toml 不一致，请运行 make lock (out of step: make lock)"
        for name in LOCKS
        if not (ROOT / name).read_text().startswith(MARK + fingerprint())
    ]
    asked = json.loads((ROOT / "package.json").read_text()).get("dependencies", {})
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    if locked[""].get("dependencies", {}) != asked:
        found.append("package-lock.json 与 package.json 不一致，请运行 npm install --package-lock-only")
    if any("resolved" in package for package in locked.values()):
        found.append("package-lock.json 含下载地址：.npmrc 应有 omit-lockfile-registry-resolved=true")
    return found


if __name__ == "__main__":
    if sys.argv[1:] != ["--check"]:
        write()
    lines = problems()
    sys.stderr.writelines(f"{line}\n" for line in lines)
    sys.exit(bool(lines))
