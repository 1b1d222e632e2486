"""Which browser somebody sits at, in two words, as it calls itself: enough to know one's own again, and no more.

A browser may call itself anything: it is for its owner to read, and nothing hangs on it.
"""

from __future__ import annotations

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What stands in a user agent, and whose it is; those that call themselves like another one first."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """``Firefox/Windows``: browser and system, either of which may be empty; at most a few letters of it are read."""
    said = user_agent[:400]
    browser = next((name for mark, name in BROWSERS if mark in said), "")
    system = next((name for mark, name in SYSTEMS if mark in said), "")
    return f"{browser}/{system}"


def in_words(device: str) -> tuple[str, str]:
    """Browser and system of what `device_of` gave; both empty for a sign-in from before this was kept."""
    browser, _slash, system = device.partition("/")
    return browser, system
