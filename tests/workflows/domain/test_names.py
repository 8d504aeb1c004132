import json

from tests.builders import build_of
from workflows.domain.names import (
    LISTS,
    Attribute,
    environment_id,
    environment_of,
    promotion_id,
    release_id,
    rollback_id,
    searchable,
)
from workflows.domain.values import Target

MANIFEST = build_of("manifest", "1")


def test_the_same_content_under_the_same_name_is_the_same_release():
    assert release_id("shop", MANIFEST) == release_id("shop", MANIFEST)
    assert release_id("shop", MANIFEST) != release_id("shop", build_of("manifest", "2"))
    assert release_id("shop", MANIFEST) != release_id("store", MANIFEST)


def test_the_id_of_every_story_of_a_release_begins_with_the_releases_own():
    release = release_id("shop", MANIFEST)
    target = Target(service="checkout", environment="production")

    assert release.startswith("release/shop/")
    assert promotion_id(release, target) == f"{release}/production/checkout"
    assert rollback_id(release) == f"{release}/rollback"


def test_attributes_that_hold_several_values_are_attributes():
    assert set(LISTS) <= set(Attribute)


def test_a_search_finds_each_value_once():
    assert searchable(["b", "a", "b"]) == ["a", "b"]


def test_more_values_than_an_attribute_holds_are_cut_rather_than_refused():
    versions = [f"{number:040x}" for number in range(50)]

    kept = searchable(versions)

    assert len(json.dumps(kept, separators=(",", ":")).encode()) <= 2048
    assert kept == versions[: len(kept)]
    assert len(kept) > 40


def test_the_name_of_an_environment_is_read_back_from_its_story_alone():
    assert environment_of(environment_id("pr-7")) == "pr-7"
    assert environment_of("release/shop/1") is None
