import hashlib

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.builders import build_of
from workflows.domain.values import (
    Artifact,
    Name,
    Names,
    Percent,
    Provider,
    SecretRef,
    Target,
    arm_name,
    digest_of,
    times,
)

DIGEST = build_of("checkout", "v2")


def accepts(kind, written):
    try:
        TypeAdapter(kind).validate_python(written)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", ["a", "shop", "2026.11.2", "a-b.c", "x" * 63])
def test_names_are_labels(name):
    assert accepts(Name, name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "a/b", "x" * 64, "a\n", "ü"])
def test_what_a_url_or_file_name_could_not_carry_is_no_name(name):
    assert not accepts(Name, name)


def test_names_are_each_named_once():
    assert accepts(Names, ("a", "b"))
    assert not accepts(Names, ("a", "b", "a"))


def test_percent_is_whole_and_between_nothing_and_all():
    assert accepts(Percent, 0)
    assert accepts(Percent, 100)
    assert not any(accepts(Percent, odd) for odd in (-1, 101, 0.5))


def test_a_digest_is_of_bytes_and_text_counts_as_utf_8():
    assert digest_of("ü") == digest_of("ü".encode())
    assert digest_of(b"") == f"sha256:{hashlib.sha256(b'').hexdigest()}"


def test_values_read_as_operators_say_them():
    short = DIGEST[7:19]
    artifact = Artifact(service="checkout", version="v2", digest=DIGEST)

    assert str(Target(service="checkout", environment="eu")) == "checkout@eu"
    assert str(artifact) == f"checkout v2 ({short})"
    assert str(Provider(type="s3", connection="builds")) == "s3/builds"
    assert arm_name("checkout", DIGEST) == f"checkout-{short}"


def test_a_reference_to_a_secret_says_where_and_never_what():
    assert str(SecretRef(path="database/creds/shop")) == "secret at database/creds/shop"


def test_a_typo_in_what_people_write_is_refused_and_on_the_wire_it_is_ignored():
    with pytest.raises(ValidationError, match="conection"):
        Provider.model_validate({"type": "s3", "conection": "builds"})

    target = Target.model_validate({"service": "a", "environment": "b", "region": "eu"})
    assert target == Target(service="a", environment="b")


@pytest.mark.parametrize(("count", "said"), [(0, "0 times"), (1, "once"), (2, "2 times")])
def test_how_often_is_told_in_words(count, said):
    assert times(count) == said
