"""The page as a person uses it, a tab after the other, in Chromium."""

import re

import pytest
from playwright.sync_api import expect

from zoo.ui.page import TABS


def box(page):
    """The text box of the tab that is open."""
    return page.locator("textarea:visible")


def ask(page, text):
    box(page).fill(text)
    box(page).press("Enter")


def cells(page):
    """The table of the tab that is open, row by row."""
    rows = page.get_by_role("row").filter(has=page.get_by_role("gridcell"))
    return [row.get_by_role("gridcell").all_inner_texts() for row in rows.all()]


@pytest.mark.parametrize(
    ("tab", "name", "text", "label", "other"),
    [
        ("Spam", "spam_detection", "FREE entry! Txt WIN to 80086", "spam", "ham"),
        ("Spam", "spam_detection", "Are you <b>free</b> tonight?", "ham", "spam"),
        ("Sentiment", "sentiment", "A joy from beginning to end", "positive", "negative"),
    ],
)
def test_a_text_is_classified_and_its_words_are_coloured(
    url, browse, models, tab, name, text, label, other
):
    page = browse(url, tab)
    ask(page, text)
    panel = page.locator("[role=tabpanel]:visible")
    expect(panel.get_by_test_id("label-output-value")).to_have_text(label)
    [answer] = models[name]([text])
    for each in (label, other):
        meter = panel.get_by_test_id(f"{each}-confidence-set")
        expect(meter).to_contain_text(f"{100 * answer.probabilities[each]:.0f}%")
    [looked] = models[name].explain([text])
    expect(panel.locator(".words")).to_have_text(text)
    heaviest = max(looked.weights, key=abs)
    marked = panel.locator(f'.words mark[title="{heaviest:+.2f}"]').first
    strongest = "220, 60, 60" if heaviest > 0 else "60, 110, 220"
    assert marked.evaluate("x => getComputedStyle(x).backgroundColor").startswith(
        f"rgba({strongest}, 0.6"
    )


def test_a_sentence_has_its_best_translations_and_an_alignment(url, browse):
    page = browse(url, "Translation")
    page.get_by_role("button", name="A dog runs on the beach.").click()
    expect(box(page)).to_have_value("A dog runs on the beach.")
    box(page).press("Enter")
    best = "beach. the on runs dog A"
    expect(page.get_by_role("gridcell", name=best, exact=True)).to_be_visible()
    assert cells(page) == [[best, "-0.250"], [best.upper(), "-1.500"]]
    picture = page.locator(".plot img")
    expect(picture).to_be_visible()
    assert picture.evaluate("x => x.decode().then(() => x.naturalWidth)") > 200


def test_a_chat_goes_on_is_drawn_anew_and_begins_anew(url, browse):
    page = browse(url, "Chat")
    said, replies = page.get_by_test_id("user"), page.get_by_test_id("bot")
    ask(page, "Hello!")
    expect(replies).to_contain_text(["Turn 1 was 'Hello!'; seed"])
    expect(replies).to_contain_text(["temperature 0.7"])
    expect(box(page)).to_have_value("")
    first = replies.inner_text()
    page.get_by_role("button", name="Another reply").click()
    expect(replies).not_to_have_text(first)
    expect(replies).to_contain_text(["Turn 1 was 'Hello!'"])
    drawn = re.search(r"seed (\d+)", replies.inner_text())[1]
    expect(page.get_by_text(f"Drawn with the seed {drawn}.")).to_be_visible()

    page.get_by_role("spinbutton").fill("0")
    page.get_by_role("spinbutton").press("Tab")
    ask(page, "And you?")
    expect(replies).to_contain_text(["Turn 1", "Turn 3 was 'And you?'; likeliest"])
    expect(said).to_have_text(["Hello!", "And you?"])
    page.get_by_role("button", name="New chat").click()
    expect(said).to_have_count(0)
    ask(page, "Hello again")
    expect(replies).to_contain_text(["Turn 1 was 'Hello again'"])
    page.get_by_role("button", name="Clear").click()
    expect(said).to_have_count(0)
    page.get_by_role("button", name="Another reply").click()
    expect(page.get_by_text("There is no reply yet: say something first.")).to_be_visible()


def test_a_drawing_is_captioned_and_lit_for_each_word(url, browse):
    page = browse(url, "Photo")
    page.locator("button.gallery-item:visible").nth(1).click()
    lit = page.locator(".photos figure")
    expect(lit).to_have_count(5)
    assert lit.all_inner_texts() == ["the photo", "A", "photo", "480x360", "<b>"]
    assert cells(page) == [["A photo 480x360", "-0.500"], ["A dog", "-2.000"]]
    width = "x => x.decode().then(() => x.naturalWidth)"
    assert {lit.locator("img").nth(n).evaluate(width) for n in range(5)} == {320}
    page.get_by_role("button", name="Remove Image").or_(
        page.get_by_role("button", name="Clear")
    ).first.click()
    expect(lit).to_have_count(0)


def test_the_comparisons_and_the_pictures_of_gradients_are_shown(url, browse):
    page = browse(url, "Compare")
    expect(page.get_by_role("cell", name="TF-IDF characters + SVM").first).to_be_visible()
    expect(page.get_by_role("heading", name="Norm of dL/dh at every moment")).to_be_visible()
    pictures = page.locator(".picture img")
    for n in range(pictures.count()):
        pictures.nth(n).scroll_into_view_if_needed()
        assert pictures.nth(n).evaluate("x => x.decode().then(() => x.naturalWidth)") > 200


def test_work_that_takes_long_shows_how_long_it_has_taken(url, browse, hold_answers):
    page = browse(url, "Translation")
    ask(page, "hold")
    expect(page.locator(".progress-text:visible").first).to_contain_text(re.compile(r"\d\.\ds"))
    hold_answers()
    expect(page.get_by_role("gridcell", name="HOLD", exact=True)).to_be_visible()
    expect(page.locator(".progress-text:visible")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_on_a_telephone(url, browse, scheme):
    page = browse(url, color_scheme=scheme, viewport={"width": 400, "height": 800})
    dark = page.evaluate("document.body.classList.contains('dark')")
    assert dark == (scheme == "dark")
    for title in [*(tab.title for tab in TABS.values()), "Compare"]:
        tab = page.get_by_role("tab", name=title)
        if not tab.is_visible():
            page.locator(".overflow-menu > button").click()
            tab = page.locator(".overflow-dropdown button", has_text=title)
        tab.click()
        expect(page.get_by_role("tab", name=title)).to_have_attribute("aria-selected", "true")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_the_browser_would_refuse_another_host(url, chromium):
    page = chromium.new_page()
    page.goto(url)
    refused = page.evaluate(
        """() => new Promise(done => {
            document.addEventListener("securitypolicyviolation", e => done(e.blockedURI));
            new Image().src = "http://192.0.2.1/pixel.png";
        })"""
    )
    page.close()
    assert refused.startswith("http://192.0.2.1/")
