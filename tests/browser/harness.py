"""What every browser test leans on: a page that reports its own faults, and an accessibility check that can be read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize

PHONE = ViewportSize(width=390, height=844)
NARROW = ViewportSize(width=320, height=640)
LAPTOP = ViewportSize(width=1280, height=800)
WIDE = ViewportSize(width=1920, height=1080)

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
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

OWN_HOSTS = {"127.0.0.1", "localhost"}

# WCAG 2.2 A and AA, and axe's best practice.
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


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
    ) -> Page:
        context = browser.new_context(
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale=locale,
            base_url=base_url,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        faults.watch(context)
        contexts.append(context)
        return context.new_page()

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()


def accessibility_violations(page: Page, context: str | None = None) -> list[dict[str, Any]]:
    """What axe-core objects to on the page as it stands, or within the CSS selector `context`."""
    violations: list[dict[str, Any]] = Axe().run(page, context=context, options=AXE_OPTIONS).response["violations"]
    return violations


def assert_accessible(page: Page, context: str | None = None) -> None:
    """Fail, naming each element and what is wrong with it, if axe-core objects to anything."""
    violations = accessibility_violations(page, context)
    if violations:
        raise AssertionError(_report(page, violations))


def _report(page: Page, violations: list[dict[str, Any]]) -> str:
    lines = [f"{page.url[:200]} is not accessible:"]
    for violation in violations:
        lines.append(f"* {violation['id']} ({violation['impact']}): {violation['help']}")
        for node in violation["nodes"]:
            lines.append(f"    {' '.join(str(part) for part in node['target'])}   {node['html'][:160]}")
            lines.extend(f"      {line.strip()}" for line in (node.get("failureSummary") or "").splitlines()[1:])
    return "\n".join(lines)


def each_look(open_page: OpenPage, check: Callable[[Page], None], **options: Any) -> None:
    """Run `check` on a page of a phone, a narrow window and a wide one, each in light and in dark."""
    for viewport in (NARROW, PHONE, WIDE):
        for dark in (False, True):
            page = open_page(viewport=viewport, dark=dark, **options)
            try:
                check(page)
            except AssertionError as error:
                error.add_note(f"at {viewport['width']} px, {'dark' if dark else 'light'}")
                raise
            finally:
                page.context.close()
