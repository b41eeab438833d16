"""A proxy is named in every form that curl accepts, or refused without a word of it being shown."""

from __future__ import annotations

import pytest

from pipeline.domain.http_proxy import read_proxy

FORMS = {
    "http://proxy.example:3128": ("http", "proxy.example", 3128, "", ""),
    "https://proxy.example:3128/": ("https", "proxy.example", 3128, "", ""),
    "proxy.example:3128": ("http", "proxy.example", 3128, "", ""),
    "proxy.example": ("http", "proxy.example", 1080, "", ""),
    "https://proxy.example": ("https", "proxy.example", 443, "", ""),
    "HTTP://10.0.0.1:80": ("http", "10.0.0.1", 80, "", ""),
    "socks5://proxy.example:9050": ("socks5", "proxy.example", 9050, "", ""),
    "socks5h://proxy.example": ("socks5h", "proxy.example", 1080, "", ""),
    "http://[::1]:3128": ("http", "[::1]", 3128, "", ""),
    "[fe80::1]": ("http", "[fe80::1]", 1080, "", ""),
    "user:word@proxy.example:3128": ("http", "proxy.example", 3128, "user", "word"),
    "http://user@proxy.example": ("http", "proxy.example", 1080, "user", ""),
    "http://us%40er:w%2Ford%23@proxy.example": ("http", "proxy.example", 1080, "us@er", "w/ord#"),
    "http://user:w/o#r?d@x@proxy.example:1": ("http", "proxy.example", 1, "user", "w/o#r?d@x"),
    "socks5://user:@proxy.example": ("socks5", "proxy.example", 1080, "user", ""),
    "  proxy.example:3128\n": ("http", "proxy.example", 3128, "", ""),
}


@pytest.mark.parametrize("text", FORMS)
def test_a_form_that_curl_accepts_is_read(text: str) -> None:
    found = read_proxy(text)
    assert (found.scheme, found.host, found.port, found.user, found.password) == FORMS[text]
    assert "word" not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        *("gopher://user:canary@host:1", "socks4://user:canary@host", "socks4a://user:canary@host"),
        *("http://user:canary@host:0", "http://user:canary@host:65536", "http://user:canary@host:port"),
        *("http://user:canary@[::1:3128", "http://user:canary@", "http://user:canary@ho st", "canary canary"),
        *("http://user:canary@h\u00f6st", "http://" + "canary" * 400 + "@host", "http://user:canary@"),
    ],
)
def test_another_form_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"form|scheme|port") as refused:
        read_proxy(text)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("no_proxy", "host", "serves"),
    [
        ("", "openrouter.ai", True),
        ("*", "openrouter.ai", False),
        ("openrouter.ai", "openrouter.ai", False),
        ("openrouter.ai.", "OpenRouter.ai", False),
        (".ai", "openrouter.ai", False),
        ("*.ai", "openrouter.ai", False),
        ("router.ai", "openrouter.ai", True),
        ("a.example, openrouter.ai", "openrouter.ai", False),
        ("a.example openrouter.ai", "openrouter.ai", False),
        ("openrouter.ai", "api.openrouter.ai", False),
        ("10.0.0.0/8", "10.1.2.3", False),
        ("10.0.0.0/8", "11.1.2.3", True),
        ("10.1.2.3", "10.1.2.3", False),
        ("[fd00::1]", "fd00::1", False),
        ("fd00::/8", "[fd00::1]", False),
        ("1.2.3", "1.2.3.4", True),
        ("", "127.0.0.1", False),
        ("", "127.8.8.8", False),
        ("", "[::1]", False),
        ("", "localhost", False),
        ("", "mirror.localhost", False),
        ("", "localhost.example", True),
    ],
)
def test_hosts_go_past_the_proxy_as_curl_reads_it(no_proxy: str, host: str, *, serves: bool) -> None:
    assert read_proxy("proxy.example", no_proxy=no_proxy).serves(host) is serves
