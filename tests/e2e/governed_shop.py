"""The shop as a bank would guard it: proven people, authors kept apart, evidence, calendars."""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.live_shop import LiveRelease, LiveShop
from tests.e2e.release_files import documents, write_documents, write_release
from workflows.domain.spec import API_VERSION

POLICY = "production"
ROLES = {"ana": ["sre"], "ben": ["sre"], "eve": ["product"], "zoe": ["development"]}
"""Who writes, and everybody of the local stack's vault, where they are in groups of such names."""

_EMERGENCY = {"class": "emergency", "incident": "INC-1"}


@dataclass
class Source:
    """A git repository in which each release of a test is one commit of its author."""

    folder: Path

    def begin(self) -> None:
        self.folder.mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch=main")
        self.commit("zoe", "the shop as it was")

    def commit(self, author: str, what: str) -> str:
        """One more line by *author*; the commit."""
        file = self.folder / "shop.py"
        before = file.read_text("utf-8") if file.exists() else ""
        file.write_text(f"{before}# {what}\n", encoding="utf-8")
        self._git("add", "shop.py")
        who = f"{author} <{author}@shop.example>"
        self._git("commit", "--quiet", f"--author={who}", "-m", what, author=author)
        return self._git("rev-parse", "HEAD").strip()

    def _git(self, *arguments: str, author: str = "zoe") -> str:
        committer = {
            "GIT_COMMITTER_NAME": author,
            "GIT_COMMITTER_EMAIL": f"{author}@shop.example",
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **committer},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@dataclass
class GovernedShop:
    """The live shop, the catalog that governs it, and the people who are signed in."""

    shop: LiveShop
    folder: Path
    source: Source
    people: dict[str, Path] = field(default_factory=dict)

    def govern(self, name: str, policy: dict[str, Any], **files: str) -> Path:
        """Write a catalog whose production is guarded by *policy*; the folder of its releases.

        *files* are rules in Rego, by the names that the policy gives them without their ending.
        """
        metrics = "exposition" if self.shop.site.monitoring is None else "prometheus"
        written = [d for d in documents(gated=True, metrics=metrics) if d["kind"] != "Person"]
        for document in written:
            if document["kind"] == "Policy":
                document["spec"] = {"identity": "proven", **policy}
            if document["kind"] == "Service":
                document["spec"]["repository"] = {"type": "git", "connection": "shop"}
        people = [_person(name, roles) for name, roles in ROLES.items()]
        folder = self.folder / name
        write_documents(folder / "catalog", [*written, *people])
        for rules, text in files.items():
            (folder / "catalog" / f"{rules}.rego").write_text(text, encoding="utf-8")
        return folder

    def write(
        self,
        folder: Path,
        name: str,
        versions: dict[str, str],
        *,
        author: str = "zoe",
        emergency: bool = False,
        **spec: Any,
    ) -> Path:
        """Write the release of *versions*, which *author* has committed just now."""
        file = folder / f"{name}.yaml"
        release = write_release(file, versions, ("production",))
        base = self.source.commit("zoe", f"before {name}")
        head = self.source.commit(author, name)
        for service in release["spec"]["services"]:
            service["source"] = {"base": base, "head": head}
        if emergency:
            release["spec"]["change"] |= _EMERGENCY
        release["spec"] |= spec
        file.write_text(json.dumps(release))
        return file

    def sign_in(self, *names: str) -> None:
        """Sign everybody of *names* in, each with a place of their own for what is kept."""
        passwords = json.loads((self.shop.site.home.vault / "people.json").read_text("utf-8"))
        for name in names:
            self.people[name] = self.folder / "people" / name
            self.people[name].mkdir(parents=True)
            password = self.people[name] / "password"
            password.write_text(passwords[name])
            password.chmod(0o600)
            self.told(name, "login", "--user", name, "--password-file", str(password))

    def by(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line as *name*, who is signed in."""
        return self.shop.lockgate(*arguments, XDG_STATE_HOME=str(self.people[name]))

    def told(self, name: str, *arguments: str) -> str:
        """What the command line says to *name*, and that it ends well."""
        done = self.by(name, *arguments)
        assert done.returncode == 0, f"lockgate {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, file: Path, *, by: str = "eve") -> LiveRelease:
        """Start the release of *file* as somebody who is signed in."""
        began = json.loads(self.told(by, "start", str(file), "-o", "json"))
        return LiveRelease(file.stem, began["release"], self.shop.client)

    def refused(self, name: str, *arguments: str) -> str:
        """Why *name* may not: what the command line says, on one line."""
        done = self.by(name, *arguments)
        assert done.returncode == 10, f"{done.returncode}: {done.stdout}{done.stderr}"
        return re.sub(r"\s+", " ", done.stdout + done.stderr)


def _person(name: str, roles: list[str]) -> dict[str, Any]:
    accounts = {"oidc": [f"{name}@local"], "git": [f"{name}@shop.example"]}
    return {
        "apiVersion": API_VERSION,
        "kind": "Person",
        "metadata": {"name": name},
        "spec": {"roles": roles, "accounts": accounts},
    }
