import pytest
from pydantic import ValidationError

from infra.change_sources import GitSource, PagerDutyPager, PrometheusPager


@pytest.mark.parametrize("url", ["https://git.test/x.git", "ssh://git@git.test/x", "/srv/x.git"])
def test_a_repository_is_an_address_or_a_folder(url):
    assert GitSource(type="git", url=url, work_dir="copies").url == url


@pytest.mark.parametrize("url", ["--upload-pack=touch x", "ext::sh -c id"])
def test_what_git_would_run_is_no_address(url):
    with pytest.raises(ValidationError, match="an address over https, ssh or file"):
        GitSource(type="git", url=url, work_dir="copies")


def test_a_pager_of_pagerduty_always_has_a_token():
    with pytest.raises(ValidationError, match="credentials"):
        PagerDutyPager(type="pagerduty")


def test_alerts_that_page_are_those_that_say_so():
    pager = PrometheusPager(type="prometheus", url="http://prometheus.test")

    assert pager.labels == {"severity": "page"}
    assert pager.service_label == "service"
