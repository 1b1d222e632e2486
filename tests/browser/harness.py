"""What every browser test leans on: a page that reports its own faults, and an accessibility check that can be read."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize, expect

PHONE = ViewportSize(width=390, height=844)
NARROW = ViewportSize(width=320, height=640)
LAPTOP = ViewportSize(width=1280, height=800)
WIDE = ViewportSize(width=1920, height=1080)
EVERY_WIDTH = (NARROW, PHONE, WIDE)

# As root in a machine without network: no sandbox, and none of Chromium's own calls home.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",  # else each context loads pages of the browser's own
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

# A busy machine takes its time, and a test that passes never waits for it.
PATIENCE = 60_000  # milliseconds
expect.set_options(timeout=PATIENCE / 2)

OWN_HOSTS = {"127.0.0.1", "localhost"}

# WCAG 2.2 A and AA, and axe's best practice.
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}

# Those of axe's rules whose answer depends on colours: the two that compute a contrast. (Striped rows are a hint to it
# that a table holds data; but only of a table without a header cell, about which none of the rules above says a thing.)
ABOUT_COLOURS = ("color-contrast", "link-in-text-block")

# What a page consists of and how that is laid out, whatever its colours, as a number.
_ARRANGEMENT = """() => {
  const styles = ["display", "visibility", "position", "overflow", "fontSize", "fontWeight", "textDecorationLine"];
  const parts = [document.documentElement.outerHTML];
  for (const element of document.querySelectorAll("*")) {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    parts.push(box.x, box.y, box.width, box.height, ...styles.map((name) => style[name]));
  }
  const text = parts.join(" ");
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return `${text.length} ${hash}`;
}"""


# The header moves what has no room into its menu, a frame or two after the window has another size.
_SETTLED = """() => new Promise((done) => {
  let frames = document.body.classList.contains("js-enabled") ? 6 : 0;
  const next = () => (frames-- > 0 ? requestAnimationFrame(next) : done());
  next();
})"""


class OpenPage(Protocol):
    """The `open_page` fixture."""

    def __call__(
        self,
        *,
        viewport: ViewportSize = LAPTOP,
        dark: bool = False,
        javascript: bool = True,
        locale: str = "en-GB",
        base_url: str | None = None,
        worker: bool = False,
    ) -> Page: ...


@dataclass
class Faults:
    """What a page did that no page of ours may do. A test that expects one takes it out of the list."""

    found: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._foreign_request)
        context.on("weberror", lambda error: self.found.append(f"uncaught error: {error.error}"))
        context.on("console", self._policy_breach)

    def _foreign_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob", "about"} and url.hostname not in OWN_HOSTS:
            self.found.append(f"request to another host: {request.url}")

    def _policy_breach(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.found.append(f"against the content security policy: {message.text}")


@contextmanager
def page_opener(browser: Browser, faults: Faults) -> Iterator[OpenPage]:
    """Open pages, each in a context (cookies, storage) of its own; close them all at the end."""
    contexts: list[BrowserContext] = []

    def open_page(
        *,
        viewport: ViewportSize = LAPTOP,
        dark: bool = False,
        javascript: bool = True,
        locale: str = "en-GB",
        base_url: str | None = None,
        worker: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale=locale,
            base_url=base_url,
            reduced_motion="reduce",
            # What passes through a service worker no test can hold up; those about it ask for it.
            service_workers="allow" if worker else "block",
        )
        context.set_default_timeout(PATIENCE)
        faults.watch(context)
        contexts.append(context)
        return context.new_page()

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()


def accessibility_violations(
    page: Page, context: str | None = None, *, rules: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """What axe-core objects to on the page as it stands, or within the CSS selector `context`; by `rules` alone, if
    there are any."""
    if not page.evaluate("'axe' in window"):  # to hand over half a megabyte takes as long as to load a page
        page.evaluate(AXE_SCRIPT)
    options = {**AXE_OPTIONS, "runOnly": {"type": "rule", "values": rules}} if rules else AXE_OPTIONS
    violations: list[dict[str, Any]] = page.evaluate(
        "([where, options]) => axe.run(where ?? document, options).then((found) => found.violations)",
        [context, options],
    )
    return violations


def assert_accessible(page: Page, context: str | None = None, *, rules: tuple[str, ...] = ()) -> None:
    """Fail, naming each element and what is wrong with it, if axe-core objects to anything."""
    violations = accessibility_violations(page, context, rules=rules)
    if violations:
        raise AssertionError(_report(page, violations))


def assert_accessible_in_each_look(page: Page, *, viewports: Iterable[ViewportSize] = (NARROW, LAPTOP)) -> None:
    """`assert_accessible` on the page as it stands, in a window of each size, in light and in dark; and that at no size
    it scrolls sideways.

    The window and the colours change under a page that stays: to load it anew for each look takes most of the time, and
    people turn their phones and their lamps too. It begins with the look that the page has and leaves it in the last
    one, so that the next page is loaded in that: over a few pages each look is one that a page is loaded in.

    Of two looks of one size only the first is asked about everything. In the second the rules about colours are asked,
    if it has the same elements in the same places, of the same sizes, as visible as before: that, with the words and
    attributes, is all that the other rules look at. Else the second is asked about everything too.
    """
    asked: set[tuple[int, str]] = set()
    for viewport, dark in _looks(page, tuple(viewports)):
        if page.viewport_size != viewport:
            page.set_viewport_size(viewport)
            page.evaluate(_SETTLED)
        page.emulate_media(color_scheme="dark" if dark else "light")
        width, arranged = viewport["width"], page.evaluate(_ARRANGEMENT)
        try:
            assert_accessible(page, rules=ABOUT_COLOURS if (width, arranged) in asked else ())
            asked.add((width, arranged))
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{page.url[:200]} is {wide} px wide"
        except AssertionError as error:
            error.add_note(f"at {width} px, {'dark' if dark else 'light'}")
            raise


def until(page: Page, script: str, argument: object = None) -> None:
    """Wait until a function of the page says yes. The policy of our pages forbids scripts in words, so that
    ``wait_for_function`` can ask once, and fails where the answer is not there yet."""
    for _times in range(200):
        if page.evaluate(script, argument):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not in ten seconds: {script}")


def _looks(page: Page, viewports: tuple[ViewportSize, ...]) -> list[tuple[ViewportSize, bool]]:
    """Each size in light and in dark, from the page's own look on."""
    looks = [(viewport, dark) for viewport in viewports for dark in (False, True)]
    now = (page.viewport_size, page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"))
    first = looks.index(now) if now in looks else 0
    return looks[first:] + looks[:first]


def _report(page: Page, violations: list[dict[str, Any]]) -> str:
    lines = [f"{page.url[:200]} is not accessible:"]
    for violation in violations:
        lines.append(f"* {violation['id']} ({violation['impact']}): {violation['help']}")
        for node in violation["nodes"]:
            lines.append(f"    {' '.join(str(part) for part in node['target'])}   {node['html'][:160]}")
            lines.extend(f"      {line.strip()}" for line in (node.get("failureSummary") or "").splitlines()[1:])
    return "\n".join(lines)
