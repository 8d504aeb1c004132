from pathlib import Path

import pytest

from starters.files.problems import FilesRefused
from starters.files.spec_file import lint_release, load_order
from workflows.domain.admission.admission import admit
from workflows.domain.canonical import content_digest
from workflows.domain.errors import PolicyViolated

RELEASE = Path("release.yaml")


def load(requested_by="carl", **more):
    return load_order(RELEASE, requested_by=requested_by, **more)


def refusal():
    with pytest.raises(FilesRefused) as caught:
        load()
    return str(caught.value).splitlines()


@pytest.mark.usefixtures("shop")
def test_the_order_is_what_was_written_and_the_worker_admits_it():
    order = load()
    admission = admit(order)

    assert order.name == "shop-v2"
    assert order.requested_by == "carl"
    assert order.release["spec"]["services"][0]["dependsOn"] == ["payments"]
    assert order.manifest_digest == content_digest(order.release)
    assert order.catalog_digest == content_digest(order.catalog)
    assert admission.decision_digest == admit(order).decision_digest
    assert [p.target.service for p in admission.plan.stages[0].promotions] == [
        "payments",
        "checkout",
    ]


def test_comments_and_the_order_of_keys_do_not_make_another_release(spoil):
    before = load()
    spoil("release.yaml", "kind: Release\n", "")
    spoil("release.yaml", "spec:\n", "kind: Release  # the kind\nspec:\n")

    assert load() == before


def test_another_build_makes_another_release(spoil):
    before = load()
    spoil("release.yaml", "aaaa", "0000")

    assert load().manifest_digest != before.manifest_digest


def test_documents_that_the_release_does_not_need_do_not_travel(shop):
    before = load()
    (shop / "catalog" / "more.yaml").write_text(
        "apiVersion: lockgate.dev/v1alpha1\nkind: Person\nmetadata: {name: eve}\n"
        "spec: {roles: [product]}\n",
        encoding="utf-8",
    )

    assert load() == before


@pytest.mark.usefixtures("shop")
def test_defaults_stay_out_of_the_order():
    """A worker that is a version behind must not be told of fields it does not know."""
    template = load().catalog["analysisTemplates"]["golden"]

    assert set(template) == {"metrics"}


def test_whose_own_vote_would_be_needed_is_denied_and_told_why(spoil):
    spoil("catalog/rules.yaml", "count: 1", "count: 2")

    with pytest.raises(PolicyViolated, match="ana, who asks for the release, cannot approve"):
        load("ana")


def test_the_catalog_may_stand_beside_the_folder_of_the_release(shop):
    (shop / "releases").mkdir()
    RELEASE.rename("releases/release.yaml")

    order = load_order(Path("releases/release.yaml"), requested_by="carl")

    assert order.name == "shop-v2"


def test_the_catalog_may_be_named(shop):
    (shop / "catalog").rename(shop / "rules")

    assert load(catalog_dir=Path("rules")).name == "shop-v2"


def test_without_a_catalog_the_message_says_where_it_belongs(shop):
    (shop / "catalog").rename(shop / "rules")

    assert refusal() == [
        (
            "release.yaml:1:1: no catalog: expected a folder catalog beside this file or beside "
            "its folder, or --catalog FOLDER; `lockgate init` writes an example"
        )
    ]


def test_an_order_too_large_for_temporal_is_refused_here(spoil, monkeypatch):
    monkeypatch.setattr("starters.files.spec_file.LARGEST_ORDER", 1024)

    (problem,) = refusal()

    assert problem == "release.yaml:1:1: with its catalog is 2 KiB; expected at most 1: split it"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            f"sha256:{'a' * 64}",
            "v2",
            (
                '9:26: spec.services[0].artifact.digest: found "v2"; tags can move; write the '
                "digest `sha256:…` that the build printed"
            ),
        ),
        (
            f"sha256:{'a' * 64}",
            "checkout@sha256:0123",
            (
                '9:26: spec.services[0].artifact.digest: found "checkout@sha256:0123"; expected '
                "the digest alone, without `checkout@`"
            ),
        ),
        (
            f"sha256:{'a' * 64}",
            "sha256:0123",
            (
                '9:26: spec.services[0].artifact.digest: found "sha256:0123"; expected 64 digits '
                "of 0-9 and a-f after `sha256:`, here are 4 characters"
            ),
        ),
        (
            "dependsOn",
            "depends_on",
            "10:7: spec.services[0].depends_on: is not a field here; did you mean dependsOn?",
        ),
        (
            "[payments]",
            "[paymets]",
            (
                "10:19: spec.services[0].dependsOn[0]: paymets is not a service of this release; "
                "did you mean payments?"
            ),
        ),
        (
            "[payments]",
            "payments",
            (
                '10:18: spec.services[0].dependsOn: found "payments"; expected a list, each item '
                "after `- `"
            ),
        ),
        (
            "[payments]",
            "[checkout]",
            (
                "10:18: spec.services[0].dependsOn: checkout needs checkout: a circle, in which "
                "none can go first"
            ),
        ),
        (
            "[payments]",
            "[payments, payments]",
            "10:18: spec.services[0].dependsOn: named twice: payments",
        ),
        (
            "version: v2",
            "version: 1.10",
            '8:16: spec.services[0].version: found 1.10; expected text: write "1.10"',
        ),
        (
            "version: v2",
            "version: on",
            (
                "8:16: spec.services[0].version: found on without quotes, which YAML 1.1 tools "
                'read as true; write "on"'
            ),
        ),
        (
            "version: v2",
            "version:",
            "8:7: spec.services[0].version: found nothing; expected text",
        ),
        (
            "name: checkout",
            "name: chekout",
            (
                "7:13: spec.services[0].name: Service chekout is not in the catalog; did you mean "
                "checkout?"
            ),
        ),
        (
            "    - name: payments\n",
            (
                "    - {name: checkout, version: v1, artifact: {digest: sha256:"
                f"{'c' * 64}}}}}\n    - name: payments\n"
            ),
            "11:14: spec.services[1].name: checkout is listed twice; first as services[0]",
        ),
        (
            "name: production",
            "name: prod",
            (
                "16:13: spec.environments[1].name: Environment prod is not in the catalog; did "
                "you mean production?"
            ),
        ),
        (
            "name: production",
            "name: production\n      strategyRef: blue",
            (
                "17:20: spec.environments[1].strategyRef: Strategy blue is not in the catalog; "
                "there are: canary, direct"
            ),
        ),
        (
            "  change: {summary: A better checkout}\n",
            "",
            "4:1: spec.change: is missing; required here: change, services, environments",
        ),
        (
            "summary: A better checkout",
            f"summary: {'x' * 201}",
            "5:21: spec.change.summary: has 201 characters; expected at most 200",
        ),
        (
            "summary: A better checkout",
            'summary: ""',
            '5:21: spec.change.summary: found ""; expected some text',
        ),
        (
            "lockgate.dev/v1alpha1",
            "lockgate.dev/v1",
            '1:13: apiVersion: found "lockgate.dev/v1"; expected lockgate.dev/v1alpha1',
        ),
        ("kind: Release", "kind: Relase", '2:7: kind: found "Relase"; did you mean Release?'),
        (
            "name: shop-v2",
            "name: Shop V2",
            (
                '3:18: metadata.name: found "Shop V2"; expected a name: 1 to 63 of a-z, 0-9, `-` '
                "and `.`, with a letter or digit at both ends"
            ),
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_to_write(spoil, old, new, problem):
    spoil("release.yaml", old, new)

    assert refusal()[0] == f"release.yaml:{problem}"


def test_all_problems_are_named_at_once(spoil):
    spoil("release.yaml", "a" * 64, "v2")
    spoil("release.yaml", "name: production", "name: prodction")
    spoil("catalog/shop.yaml", "strategyRef: canary", "strategyRef: cannary")
    spoil("catalog/rules.yaml", "setWeight: 10\n", "setWeigth: 10\n")

    assert [problem.split(": ")[0:2] for problem in refusal()] == [
        ["catalog/rules.yaml:12:7", "spec.steps[1].setWeigth"],
        ["catalog/shop.yaml:34:16", "spec.strategyRef"],
        ["release.yaml:9:26", "spec.services[0].artifact.digest"],
        ["release.yaml:16:13", "spec.environments[1].name"],
    ]


def test_a_release_file_holds_one_release_and_nothing_else(shop):
    both = f"{RELEASE.read_text(encoding='utf-8')}---\n" * 2
    person = (
        "apiVersion: lockgate.dev/v1alpha1\nkind: Person\nmetadata: {name: me}\n"
        "spec: {roles: [sre]}\n"
    )
    RELEASE.write_text(both + person, encoding="utf-8")

    assert refusal() == [
        (
            "release.yaml:19:7: kind: a second Release; write one a file, so that each has its "
            "own history"
        ),
        "release.yaml:36:7: kind: a Person belongs in the catalog, not in a release file",
    ]


@pytest.mark.usefixtures("shop")
def test_an_empty_file_holds_no_release():
    RELEASE.write_text("# later\n", encoding="utf-8")

    assert refusal() == ["release.yaml:1:1: holds no Release; expected one document of that kind"]


@pytest.mark.usefixtures("shop")
def test_lint_finds_the_same_as_loading():
    assert lint_release(RELEASE) == ()
    RELEASE.write_text("kind: [", encoding="utf-8")

    assert [str(p) for p in lint_release(RELEASE)] == refusal()
