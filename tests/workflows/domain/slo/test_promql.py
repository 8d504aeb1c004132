import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.errors import Refused
from workflows.domain.slo.promql import counter_selector, with_matcher

CASES = {
    "up": 'up{arm="a"}',
    "up{}": 'up{arm="a"}',
    'up{job="x"}': 'up{arm="a",job="x"}',
    '{__name__="up"}': '{arm="a",__name__="up"}',
    '{"http.requests", job="x"}': '{arm="a","http.requests", job="x"}',
    "rate(x[5m])": 'rate(x{arm="a"}[5m])',
    'sum(rate(x{code=~"5.."}[5m]))': 'sum(rate(x{arm="a",code=~"5.."}[5m]))',
    "sum by (job, code) (x)": 'sum by (job, code) (x{arm="a"})',
    "sum(x) by (job)": 'sum(x{arm="a"}) by (job)',
    "sum without(instance)(x)": 'sum without(instance)(x{arm="a"})',
    "a / on (job) group_left (team) b": 'a{arm="a"} / on (job) group_left (team) b{arm="a"}',
    "a * ignoring(code) group_right b": 'a{arm="a"} * ignoring(code) group_right b{arm="a"}',
    "a and b unless c or d": 'a{arm="a"} and b{arm="a"} unless c{arm="a"} or d{arm="a"}',
    "x offset 5m": 'x{arm="a"} offset 5m',
    "x offset -1h30m": 'x{arm="a"} offset -1h30m',
    "x @ 1609746000": 'x{arm="a"} @ 1609746000',
    "x @ end()": 'x{arm="a"} @ end()',
    "max_over_time(rate(x[5m])[1h:30s])": 'max_over_time(rate(x{arm="a"}[5m])[1h:30s])',
    "max_over_time((a - b)[1h:])": 'max_over_time((a{arm="a"} - b{arm="a"})[1h:])',
    'x{path="/by(x){y}"}': 'x{arm="a",path="/by(x){y}"}',
    r'x{path="a\"b{c}"}': r'x{arm="a",path="a\"b{c}"}',
    "x{path='a\"b', q=`c'd`}": "x{arm=\"a\",path='a\"b', q=`c'd`}",
    'label_replace(x, "arm", "$1", "pod", "(.*)")': (
        'label_replace(x{arm="a"}, "arm", "$1", "pod", "(.*)")'
    ),
    "histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m])))": (
        'histogram_quantile(0.99, sum by (le) (rate(x_bucket{arm="a"}[5m])))'
    ),
    "job:x:rate5m > bool 1e3": 'job:x:rate5m{arm="a"} > bool 1e3',
    "x == Inf or y == NaN": 'x{arm="a"} == Inf or y{arm="a"} == NaN',
    "x # a comment with y{z}\n+ w": 'x{arm="a"} # a comment with y{z}\n+ w{arm="a"}',
    "1 - (good / total)": '1 - (good{arm="a"} / total{arm="a"})',
    "x > 0x1F": 'x{arm="a"} > 0x1F',
    "topk(3, x)": 'topk(3, x{arm="a"})',
    "quantile by (job) (.5, x)": 'quantile by (job) (.5, x{arm="a"})',
    "-x ^ 2": '-x{arm="a"} ^ 2',
}


@pytest.mark.parametrize("query", CASES)
def test_every_selector_gets_the_matcher_and_nothing_else(query):
    assert with_matcher(query, "arm", "a") == CASES[query]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("rate(x[$__rate_interval])", "variables of a dashboard"),
        ("x{job=~'$job'}; y", "cannot read"),
        ("{{ x }}", "brace within braces"),
        ("sum(x", "not closed"),
        ("x{a='b'", "not closed"),
        ("sum(x])", "not closed"),
        ("sum(x))", "not opened"),
        ('x{a="b}', "cannot read"),
        ('x{arm="b"}', "matcher of 'arm' already"),
        ('x{a="1", arm !~ "b"}', "matcher of 'arm' already"),
        ('x{"arm"="b"}', "matcher of 'arm' already"),
        ("vector(1)", "no series"),
        ("time() > 5", "no series"),
        ("", "no series"),
    ],
)
def test_what_cannot_be_done_is_refused(query, said):
    with pytest.raises(Refused, match=said):
        with_matcher(query, "arm", "a")


def test_a_value_is_quoted_as_the_language_wants():
    assert with_matcher("x", "arm", 'a"b\\c') == r'x{arm="a\"b\\c"}'


def test_an_arm_in_a_value_of_another_label_is_no_matcher():
    assert with_matcher('x{a="arm"}', "arm", "a") == 'x{arm="a",a="arm"}'


@given(
    st.recursive(
        st.sampled_from(["x", 'y{z="1"}', "rate(x[5m])"]),
        lambda inner: st.one_of(
            inner.map("sum({})".format),
            inner.map("sum by (a, b) ({})".format),
            st.tuples(inner, inner).map("({0[0]} / on (a) {0[1]})".format),
        ),
        max_leaves=6,
    )
)
def test_as_many_matchers_as_selectors_and_the_rest_unchanged(query):
    written = with_matcher(query, "arm", "a")

    selectors = query.count("x") + query.count("y{")
    assert written.count('arm="a"') == selectors
    bare = written.replace('arm="a",', "").replace('{arm="a"}', "")
    assert bare == query


@pytest.mark.parametrize(
    ("query", "selector"),
    [
        ("x", "x"),
        ('x{code="200"}', 'x{code="200"}'),
        ('{__name__="x"}', '{__name__="x"}'),
        ("sum(x)", "x"),
        ('sum by (job) (x{code="200"})', 'x{code="200"}'),
        ("sum(x) by (job)", "x"),
        ('sum(rate(x{code=~"2.."}[5m]))', 'x{code=~"2.."}'),
        ("((sum(increase(x[1h]))))", "x"),
        ("rate(x[5m])", "x"),
    ],
)
def test_the_counter_that_a_query_adds_up_is_found(query, selector):
    assert counter_selector(query) == selector


@pytest.mark.parametrize(
    "query",
    [
        "a / b",
        "sum(a) + sum(b)",
        "max(x)",
        "sum(x) * 2",
        "sum(rate(x[5m] offset 1h))",
        "x offset 5m",
        "rate(rate(x[5m])[5m:])",
        "sum(rate(x))",
        "histogram_quantile(0.9, x)",
        "1",
        "sum(max_over_time(x[5m]))",
    ],
)
def test_of_anything_else_no_events_can_be_counted(query):
    assert counter_selector(query) is None
