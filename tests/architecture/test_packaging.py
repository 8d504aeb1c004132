"""The five roots have common names: no other distribution may ship one of them."""

import importlib
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.sources import PACKAGES, ROOT


@pytest.mark.parametrize("root", PACKAGES)
def test_each_root_belongs_to_us_alone(root):
    """An editable install ships a path and no files, so it is asked what is imported as well."""
    assert set(packages_distributions().get(root, ())) <= {"lockgate"}
    assert importlib.import_module(root).__file__ == str(ROOT / root / "__init__.py")
