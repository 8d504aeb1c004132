from pathlib import Path

import pytest

from infra.local.component import Site
from infra.local.credentials import keep_credentials
from infra.local.home import Home
from infra.local.ports import NAMES


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "state")
    home.create()
    return home


@pytest.fixture
def site(home: Home) -> Site:
    ports = {name: 20000 + number for number, name in enumerate(NAMES)}
    return Site(home, ports=ports, credentials=keep_credentials(home))
