from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.readiness.dossier import Dossier, changed, difference, section
from workflows.domain.spec.readiness import Aspect
from workflows.domain.values import digest_of


def dossier(**lines):
    return Dossier(
        release="release/shop/1",
        name="shop",
        environment="production",
        decision_digest=digest_of("decision"),
        sections=tuple(section(Aspect(name), told) for name, told in lines.items()),
    )


def test_the_digest_is_that_of_the_page_as_it_is_read():
    page = dossier(manifest=("checkout v2",), risk=("low",))

    assert page.digest == digest_of(page.text)
    assert "## What goes, where, and how\n\n- checkout v2" in page.text


def test_the_difference_is_told_line_by_line_and_by_aspect():
    before = dossier(manifest=("checkout v2",), risk=("low", "12/100"))
    now = dossier(manifest=("checkout v2",), risk=("high", "12/100"))

    assert changed(before, now) == (Aspect.RISK,)
    assert difference(before, now) == ("risk - low", "risk + high")


def test_an_aspect_that_comes_or_goes_has_changed():
    assert changed(dossier(), dossier(evidence=("tests met",))) == (Aspect.EVIDENCE,)
    assert difference(dossier(evidence=("tests met",)), dossier()) == ("evidence - tests met",)


def test_what_a_page_has_no_room_for_changes_it_all_the_same():
    many = [f"criterion {n}" for n in range(200)]
    other = [*many[:-1], "criterion 199 is missing"]

    before, now = dossier(evidence=many), dossier(evidence=other)

    assert "and 160 more" in before.text
    assert before.digest != now.digest
    assert difference(before, now) == ("evidence: changed in what this page has no room for",)


@given(
    st.dictionaries(
        st.sampled_from([str(aspect) for aspect in Aspect]),
        st.lists(st.text(max_size=400), max_size=80).map(tuple),
    )
)
def test_a_dossier_is_bounded_and_a_heading_cannot_be_forged_in_it(lines):
    """Words come from outside systems: whatever they hold, each stays one line of its section."""
    page = dossier(**lines)

    assert len(page.text.encode()) < 260_000
    headings = [line for line in page.text.split("\n") if line.startswith("#")]
    assert len(headings) == 1 + len(lines)
    assert difference(page, page) == ()
