"""The report in headless Chromium: quiet, self-contained, accessible, usable from the keyboard, unharmed by names.

Skipped where Chromium (Debian's package, or the path in RADSIM_CHROMIUM) or playwright is not installed.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from reports import HOSTILE, page_of, sweep

import radsim

for library in ("playwright", "jinja2", "matplotlib"):
    pytest.importorskip(library, reason=f"needs {library}")

CHROMIUM = os.environ.get("RADSIM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
PHONE, DESKTOP = {"width": 375, "height": 740}, {"width": 1280, "height": 900}
PAGES = ("default", "economics", "sweep")
LONGEST_WAY = 80  # presses of Tab


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Files of pages by form, written when they are first asked for."""
    folder, written = tmp_path_factory.mktemp("pages"), {}

    def path(form, words="clinician"):
        if (form, words) not in written:
            written[form, words] = folder / f"{len(written)}.html"
            written[form, words].write_text(_page(form, words, folder), encoding="utf-8")
        return written[form, words]

    return path


def _page(form, words, folder):
    from radsim.report import render

    return render(sweep(folder), words=words) if form == "sweep" else page_of(form, words, whole=True)


@pytest.fixture
def visit(chromium, paths):
    """Open a page and keep what it says to the console, asks of the network and pops up."""
    contexts = []

    def opened(form, words="clinician", **options):
        context = chromium.new_context(**{"viewport": DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        path = paths(form, words)
        page.on(
            "request",
            lambda request: request.url.startswith(("data:", path.as_uri())) or page.complaints.append(request.url),
        )
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


def open_details(page):
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


@pytest.mark.parametrize("form", PAGES)
def test_quiet_and_self_contained(visit, form):
    page = visit(form)
    open_details(page)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert page.complaints == []
    assert page.locator("body").inner_text().count(radsim.SCOPE) == 2


def test_whatever_is_put_into_the_page_reaches_nobody(visit):
    page = visit("default")
    blocked = """url => new Promise(found => {
        document.addEventListener("securitypolicyviolation", event => found(event.effectiveDirective));
        const image = document.createElement("img"); image.src = url; document.body.append(image);
    })"""
    assert page.evaluate(blocked, "https://radsim.invalid/x.png") == "img-src"
    script = """() => { const one = document.createElement("script"); one.textContent = "window.harmed = true";
        document.body.append(one); return window.harmed === true; }"""
    assert page.evaluate(script) is False


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("form", "words"), [("default", "patient"), *((form, "clinician") for form in PAGES)])
def test_accessible(visit, form, words, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()
    page = visit(form, words, color_scheme=scheme)
    open_details(page)
    found = axe.run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["target"], one["nodes"][0]["failureSummary"]) for one in found] == []


@pytest.mark.parametrize("form", PAGES)
def test_every_drawing_says_what_it_shows(visit, form):
    page = visit(form)
    silent = """() => Array.from(document.querySelectorAll("svg:not([aria-hidden])")).filter(svg =>
        svg.getAttribute("role") !== "img" || (svg.getAttribute("aria-labelledby") || "").split(" ").length !== 2
        || !svg.getAttribute("aria-labelledby").split(" ").every(id => document.getElementById(id).textContent.trim())).length"""
    assert page.locator("svg[role=img]").count() >= 2 and page.evaluate(silent) == 0


@pytest.mark.parametrize("words", ["clinician", "patient"])
@pytest.mark.parametrize("form", [*PAGES, "hostile"])
def test_no_horizontal_scroll_on_a_phone(visit, form, words):
    page = visit(form, words, viewport=PHONE)
    open_details(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    outside = """() => Array.from(document.querySelectorAll("main p, main li, h1, h2, h3, h4")).filter(one =>
        one.offsetParent && !one.closest(".scroll") && one.getBoundingClientRect().right > innerWidth + 1).length"""
    assert page.evaluate(outside) == 0


@pytest.mark.parametrize("width", [320, 360, 400])
@pytest.mark.parametrize("words", ["clinician", "patient"])
def test_a_hundred_patients_stand_side_by_side_on_a_phone(visit, words, width):
    page = visit("default", words, viewport={"width": width, "height": 740})
    first, second, *_ = page.locator(".crowds >> nth=0").locator(".crowd").all()
    one, other = first.bounding_box(), second.bounding_box()
    assert one["y"] == other["y"] and one["x"] + one["width"] <= other["x"]
    assert other["x"] + other["width"] <= width and first.locator("svg:visible").first.bounding_box()["width"] >= 100


def test_technical_parts_open_by_a_link(visit):
    page = visit("default")
    rows = page.locator("#parameter-table tbody tr")
    assert not rows.last.is_visible() and not page.locator("#validation-table").is_visible()
    page.locator("nav a[href='#validation']").click()
    assert page.locator("#validation-table").is_visible() and not rows.last.is_visible()


def press_tab_until(page, condition):
    """Press Tab until the focused element meets a condition; its place in the way."""
    for i in range(LONGEST_WAY):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({condition!r})"):
            return i
    raise AssertionError(f"{condition} cannot be reached with Tab")


def test_the_switch_answers_to_the_keyboard(visit):
    page = visit("default")
    patient, clinician = page.locator("#ask-heading"), page.locator("main .for-clinician >> nth=0")
    assert clinician.is_visible() and not patient.is_visible()
    assert press_tab_until(page, "#words-clinician") <= 2
    outline = page.evaluate("getComputedStyle(document.querySelector('#words-clinician + label')).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("ArrowRight")
    assert patient.is_visible() and not clinician.is_visible()


def test_the_switch_works_without_script(visit):
    page = visit("sweep", java_script_enabled=False)
    page.locator("label[for=words-patient]").click()
    assert page.locator("#ask-heading").is_visible()
    assert page.locator("#scenarios th button").count() == 0 and page.locator("#scenarios tbody tr").count() == 6


def test_a_sweep_is_sorted_from_the_keyboard(visit):
    page = visit("sweep")
    press_tab_until(page, "#scenarios th button")
    page.keyboard.press("Tab")
    heading = page.locator("#scenarios thead th").nth(1)
    assert heading.get_attribute("aria-sort") is None
    values = (
        "Array.from(document.querySelectorAll('#scenarios tbody tr')).map(row => Number(row.cells[1].dataset.sort))"
    )
    for state, order in (("ascending", sorted), ("descending", lambda found: sorted(found, reverse=True))):
        page.keyboard.press("Enter")
        assert heading.get_attribute("aria-sort") == state
        found = page.evaluate(values)
        assert found == order(found) and len(set(found)) > 1
    assert page.locator("#scenarios th[aria-sort]").count() == 1


def test_the_table_of_parameters_is_filtered(visit):
    page = visit("default")
    open_details(page)
    page.locator("#parameter-table-filter").fill("flare.probability")
    assert page.locator("#parameter-table tbody tr:visible").count() == 1
    assert page.locator("[role=status]").first.inner_text().startswith("1 of ")


def test_paper_has_everything_but_what_only_screens_need(visit):
    page = visit("default")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible() and not page.locator(".words").is_visible()
    rows = page.locator("#parameter-table tbody tr")
    assert rows.count() > 100 and rows.last.bounding_box()["height"] > 0
    assert len(page.pdf()) > 50_000


def test_names_do_no_harm(visit):
    page = visit("hostile")
    open_details(page)
    page.locator("label[for=words-patient]").click()
    assert page.complaints == []
    assert page.locator("script").count() == 1 and page.locator("img").count() == 0
    assert page.locator("h1").inner_text() == HOSTILE[0]
    assert (
        HOSTILE[1] in page.locator("#outcomes").inner_text()
        or HOSTILE[1] in page.locator("#outcomes thead").text_content()
    )
    assert not Path(page.url.removeprefix("file://")).parent.joinpath("../../x").exists()
