"""The offline copy, unpacked: its links and its search. The explorers' tests open it as well."""

import pytest
from test_pages import pages
from test_site import broken_links


def test_links_lead_somewhere(unpacked):
    paths = [*pages(), "index.html", "search.html"]
    broken = {path: links for path in paths if (links := broken_links(unpacked / path))}
    assert broken == {}


@pytest.mark.page
def test_search_finds_a_chapter_and_leads_there(open_page):
    page = open_page("intro.html", from_disk=True)
    page.keyboard.press("Control+k")
    page.locator("input[type=search]:visible").first.fill("balancing")
    page.keyboard.press("Enter")
    page.get_by_text("Search finished").wait_for()
    page.locator("#search-results li a").first.click()
    page.wait_for_url("**/chapters/asymmetric_balancing.html*")
