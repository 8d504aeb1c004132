"""What every test may ask for, and the marker that its path gives it."""

from pathlib import Path

import pytest
from hypothesis import settings

# A slow machine is no defect: properties have no deadline.
settings.register_profile("lockgate", deadline=None)
settings.load_profile("lockgate")

_SPEEDS = {"engine": "engine", "e2e": "e2e", "contract": "contract", "replay": "engine"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-histories",
        action="store_true",
        help="save the history of each story path that tests/histories does not hold yet",
    )
    parser.addoption(
        "--write-golden",
        action="store_true",
        help="take what is printed now for what should be printed; read the difference",
    )


@pytest.fixture
def write_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--write-golden"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test by the folder it lives in, so that speed is a choice of path or marker."""
    root = Path(__file__).parent
    for item in items:
        folder = Path(item.path).relative_to(root).parts[0]
        item.add_marker(_SPEEDS.get(folder, "unit"))
