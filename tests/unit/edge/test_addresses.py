"""What an address makes of credentials, and that no way of printing one shows them."""

import pytest

from edge.addresses import Address

AWKWARD = [
    pytest.param("p@ss", id="at"),
    pytest.param("a/b", id="slash"),
    pytest.param("a?b", id="question mark"),
    pytest.param("a#b", id="hash"),
    pytest.param("a:b", id="colon"),
    pytest.param("100%41", id="percent"),
    pytest.param("two words", id="space"),
    pytest.param("!$&'()*+,;=", id="sub-delims"),
    pytest.param("sandi-rahasia-é-木", id="beyond ASCII"),
    pytest.param("@/?#:%", id="all of them"),
]


@pytest.mark.parametrize("password", AWKWARD)
def test_a_separate_password_is_kept_as_it_is_and_never_printed(password: str) -> None:
    address = Address.parse("rtsp://10.0.0.5:554/live", username="admin", password=password)

    assert address.password == password
    assert address.for_ffmpeg().count("@") == 1
    assert address.redacted == "rtsp://***@10.0.0.5:554/live"
    for text in (str(address), repr(address), f"{address}"):
        assert password not in text
        assert "admin" not in text


@pytest.mark.parametrize("password", AWKWARD)
def test_what_ffmpeg_is_given_is_read_back_as_the_same_address(password: str) -> None:
    address = Address.parse("rtsp://[fe80::1]/live?x=1", username="us:er@", password=password)

    assert Address.parse(address.for_ffmpeg()) == address


@pytest.mark.parametrize(
    ("url", "username", "password", "bare"),
    [
        pytest.param("rtsp://h/x", None, None, "rtsp://h/x", id="none"),
        pytest.param("rtsp://u@h/x", "u", None, "rtsp://h/x", id="user without password"),
        pytest.param("rtsp://u:@h/x", "u", "", "rtsp://h/x", id="empty password"),
        pytest.param("rtsp://u:p@h:8554", "u", "p", "rtsp://h:8554", id="no path"),
        pytest.param("rtsp://u:a%40b%2Fc@h/x", "u", "a@b/c", "rtsp://h/x", id="percent-encoded"),
        pytest.param("rtsp://u:a@b:c@h/x", "u", "a@b:c", "rtsp://h/x", id="raw at and colon"),
        pytest.param("rtsp://u:a/b@h/x", "u", "a/b", "rtsp://h/x", id="raw slash"),
        pytest.param("rtsp://u:a?b#@h/x", "u", "a?b#", "rtsp://h/x", id="raw question and hash"),
        pytest.param("rtsp://u:p@[::1]:554/x", "u", "p", "rtsp://[::1]:554/x", id="IPv6"),
        pytest.param("RTSPS://u:p@h/X", "u", "p", "rtsps://h/X", id="upper case scheme"),
        pytest.param("rtsp://h/cam@1", None, None, "rtsp://h/cam@1", id="at in the path"),
        pytest.param("rtsp://10.0.0.5:554/a@1", None, None, "rtsp://10.0.0.5:554/a@1", id="IP"),
        pytest.param(" rtsp://h/x\n", None, None, "rtsp://h/x", id="blanks around it"),
    ],
)
def test_credentials_are_taken_out_of_the_url(
    url: str, username: str | None, password: str | None, bare: str
) -> None:
    assert Address.parse(url) == Address(bare, username, password)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("rtsp://cam-1.local/x", "cam-1.local", None),
        ("rtsp://u:p@10.0.0.5:8554/x", "10.0.0.5", 8554),
        ("rtsps://[2001:db8::7]:322/x", "2001:db8::7", 322),
        ("rtsp://[::1]", "::1", None),
    ],
)
def test_host_and_port_are_known(url: str, host: str, port: int | None) -> None:
    address = Address.parse(url)

    assert (address.host, address.port) == (host, port)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("10.0.0.5/live-s3cret", "scheme", id="no scheme"),
        pytest.param("rtsp://", "host", id="nothing"),
        pytest.param("rtsp:///s3cret", "host", id="no host"),
        pytest.param("rtsp://u:s3cret@", "host", id="no host behind the credentials"),
        pytest.param("rtsp://host:s3cret/x", "port", id="port is no number"),
        pytest.param("rtsp://u:s3cret@host:65536/x", "port", id="port is too large"),
        pytest.param("rtsp://u:12/s3cret@10.0.0.5/x", "two ways", id="12 may be a port"),
        pytest.param("rtsp://u:s3@cret/w@host/x", "two ways", id="cret may be the host"),
    ],
)
def test_an_unclear_address_is_refused_without_repeating_it(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        Address.parse(url)

    assert "s3" not in str(caught.value)
    assert "cret" not in str(caught.value)


def test_credentials_given_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="in the address and beside it"):
        Address.parse("rtsp://u:p@h/x", username="u")


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://10.0.0.5:554/user=admin_password=hunter2_channel=1_stream=0.sdp",
        "rtsp://10.0.0.5/cam?loginuse=a&loginpas=hunter2",
        "rtsp://10.0.0.5/live?passcode=hunter2&channel=2",
        "rtsp://10.0.0.5/x?Token=hunter2",
    ],
)
def test_a_password_in_path_or_query_is_masked(url: str) -> None:
    address = Address.parse(url)
    assert "hunter2" not in f"{address} {address!r} {address.redacted}"
    assert address.for_ffmpeg() == url


def test_a_password_in_the_path_is_sent_but_not_shown() -> None:
    address = Address.parse("rtsp://h/user=admin&password=x1y2&channel=1")

    assert "x1y2" in address.for_ffmpeg()
    assert "x1y2" not in str(address)
