"""What kind of thing a file is, told by its name alone."""

import re

from workflows.domain.risk.facts import PathClass

_DEPENDENCIES = re.compile(
    r"(requirements[^/]*\.(txt|in|lock)|[^/]*\.lock|[^/]*[-.]lock\.(json|yaml)|go\.(mod|sum)"
    r"|package\.json|pyproject\.toml|pom\.xml|build\.gradle(\.kts)?|cargo\.toml|gemfile)"
)
_SCHEMA_FOLDERS = {"migrations", "migration", "alembic", "flyway", "liquibase", "schema", "db"}
_SCHEMA_ENDINGS = {".sql", ".ddl", ".prisma"}
_TEST_FOLDERS = {"test", "tests", "spec", "specs", "__tests__", "testdata", "fixtures"}
_TEST_NAME = re.compile(r"(test_.*|.*_test|.*[.-](test|spec)|.*Tests?|conftest)", re.ASCII)
_DOC_FOLDERS = {"docs", "doc"}
_DOC_ENDINGS = {".md", ".rst", ".adoc"}
_INFRASTRUCTURE_FOLDERS = {
    "terraform", "k8s", "helm", "charts", "infra", "deploy", ".github", ".gitlab", ".circleci",
}  # fmt: skip
_INFRASTRUCTURE_ENDINGS = {".tf", ".tfvars", ".hcl"}
_INFRASTRUCTURE_NAMES = re.compile(r"(dockerfile.*|jenkinsfile|makefile|.*\.gitlab-ci\.yml)")
_CONFIGURATION_ENDINGS = {
    ".yaml", ".yml", ".toml", ".ini", ".json", ".cfg", ".conf", ".env", ".properties", ".xml",
}  # fmt: skip


def path_class(path: str) -> PathClass:
    """The class of *path*; whatever is not surely something else is code."""
    *parents, file = path.split("/")
    folders, name = {part.lower() for part in parents}, file.lower()
    stem, dot, last = file.rpartition(".")
    ending = (dot + last).lower() if stem else ""
    if _is_test(stem or file, folders, ending):
        return PathClass.TESTS
    signs = (
        (PathClass.SCHEMA, ending in _SCHEMA_ENDINGS or folders & _SCHEMA_FOLDERS),
        (PathClass.DEPENDENCIES, _DEPENDENCIES.fullmatch(name)),
        (PathClass.INFRASTRUCTURE, ending in _INFRASTRUCTURE_ENDINGS),
        (PathClass.INFRASTRUCTURE, folders & _INFRASTRUCTURE_FOLDERS),
        (PathClass.INFRASTRUCTURE, _INFRASTRUCTURE_NAMES.fullmatch(name)),
        (PathClass.DOCS, ending in _DOC_ENDINGS or folders & _DOC_FOLDERS),
        (PathClass.CONFIGURATION, ending in _CONFIGURATION_ENDINGS),
    )
    return next((kind for kind, shown in signs if shown), PathClass.CODE)


def _is_test(stem: str, folders: set[str], ending: str) -> bool:
    """A test by its name, or anything but a migration in a folder of tests."""
    if _TEST_NAME.fullmatch(stem):
        return True
    migrates = ending in _SCHEMA_ENDINGS or bool(folders & _SCHEMA_FOLDERS)
    return bool(folders & _TEST_FOLDERS) and not migrates
