"""The dashboard in a real browser, on a real server and real books."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Route,
    expect,
)

from analytics.messages import (
    Analytic,
    CatalogueCamera,
    CatalogueZone,
    EvidenceRole,
    IncidentMessage,
    IncidentPhase,
    RecheckAnswer,
    StreamFault,
    StreamFaultType,
    StreamState,
)
from central.complaints import Actor, ActorKind, Status
from central.reading import DeadLetterFault
from central.store import DeadLetter, Store, open_database
from central.store.migrating import migrate
from tests.brokers import free_port
from tests.browser import chromium
from tests.builders import (
    CAMERA,
    a_catalogue,
    a_dark_lamp,
    a_health,
    a_pothole,
    a_reply,
    a_revision,
    a_status,
    an_evidence,
    an_incident,
)
from tests.central_server import CentralServer

pytestmark = pytest.mark.e2e

SOON_MS = 8_000
OPERATOR = Actor(ActorKind.OPERATOR, "operator")
ATTACK = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'"{{7*7}}'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with chromium() as started:
        yield started


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Empty books."""
    database = open_database(f"sqlite:///{tmp_path / 'central.db'}")
    migrate(database)
    yield Store(database)
    database.close()


@pytest.fixture
def server(store: Store) -> Iterator[CentralServer]:
    """Central on those books."""
    server = CentralServer(store, free_port())
    server.start()
    yield server
    server.stop()


class Visit:
    """A page in a browser of its own, and all that it asked for and complained of."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self._host = urlsplit(url).netloc
        page.set_default_timeout(SOON_MS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def open(self, path: str) -> Page:
        """Open a page and wait until it is live."""
        self.page.goto(f"http://{self._host}{path}")
        expect(self.page.locator("html[data-live=connected]")).to_be_attached(timeout=SOON_MS)
        return self.page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != self._host:
            self.foreign.append(request.url)


@pytest.fixture
def visit(browser: Browser, server: CentralServer) -> Iterator[Visit]:
    """A visit that must end without an error in the console or a request to elsewhere."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    visit = Visit(context.new_page(), server.url)
    yield visit
    context.close()
    assert visit.foreign == []
    assert visit.complaints == []


def now() -> datetime:
    return datetime.now(UTC)


def a_jpeg(grey: int = 90) -> bytes:
    image = np.full((36, 64, 3), grey, np.uint8)
    return bytes(cv2.imencode(".jpg", image)[1])


def a_jam(**changes: object) -> IncidentMessage:
    at = now() - timedelta(minutes=4)
    return an_incident(**({"started_at": at, "observed_at": at} | changes))


def a_known_camera(
    name: str = "Jl. Raya Serpong", zone_name: str = "Arah barat"
) -> CatalogueCamera:
    square = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    zone = CatalogueZone(
        zone="westbound", name=zone_name, analytics=(Analytic.CONGESTION,), polygon=square
    )
    return CatalogueCamera(camera=CAMERA, name=name, simulated=True, zones=(zone,))


def announce_site(store: Store, camera: CatalogueCamera | None = None) -> None:
    cameras = (camera or a_known_camera(),)
    at = now()
    store.take(
        [
            a_catalogue(sent_at=at, cameras=cameras),
            a_status(at=at, started_at=at),
            a_health(observed_at=at, stream_since=at, frames_per_s=25.0, looks_per_s=0.5),
        ],
        at=at,
    )


def open_complaint(store: Store) -> str:
    """Have a camera open a complaint, and return its number."""
    store.take([a_jam()], at=now())
    return store.complaints()[0].number


def test_a_new_complaint_appears_with_its_picture_and_without_a_reload(
    visit: Visit, store: Store
) -> None:
    announce_site(store)
    page = visit.open("/")
    expect(page.get_by_text("Tidak ada pengaduan terbuka")).to_be_visible()
    page.evaluate("window.isSamePage = true")

    jam = a_jam()
    store.take([jam, an_evidence(jam, content=a_jpeg())], at=now())

    card = page.locator(".complaint")
    expect(card).to_contain_text("Kemacetan", timeout=SOON_MS)
    expect(card).to_contain_text("Jl. Raya Serpong · Arah barat")
    expect(card).to_contain_text("simulasi")
    expect(card).to_contain_text("Masih terlihat kamera")
    page.wait_for_function("document.querySelector('.complaint img').naturalWidth === 64")
    expect(page.locator("#announcement")).to_have_text(
        "Pengaduan baru: Kemacetan, Jl. Raya Serpong"
    )
    assert page.evaluate("window.isSamePage")


def test_it_is_shown_that_the_camera_no_longer_sees_it(visit: Visit, store: Store) -> None:
    jam = a_jam()
    store.take([jam], at=now())
    page = visit.open("/?show=all")
    expect(page.locator(".complaint")).to_contain_text("Masih terlihat kamera")

    store.take([a_revision(jam, phase=IncidentPhase.CLOSED, observed_at=now())], at=now())

    expect(page.locator(".complaint")).to_contain_text("Sudah tidak terlihat", timeout=SOON_MS)
    expect(page.locator(".complaint")).to_contain_text("Selesai")


def test_an_operator_moves_a_complaint_and_is_offered_legal_steps_only(
    visit: Visit, store: Store
) -> None:
    number = open_complaint(store)
    page = visit.open(f"/complaints/{number}")

    def offered() -> set[str]:
        values = page.locator("button[name=to]").evaluate_all("all => all.map(one => one.value)")
        return set(values)

    assert offered() == {status.value for status in store.complaint(number).allowed_next}
    page.get_by_label("Catatan").fill("Petugas berangkat\nlewat tol")
    page.get_by_role("button", name="Disposisikan").click()

    history = page.locator(".history li").first
    expect(history).to_contain_text("Disposisi")
    expect(history.locator("blockquote")).to_have_text("Petugas berangkat\nlewat tol")
    assert store.complaint(number).summary.status is Status.DISPATCHED
    assert offered() == {status.value for status in store.complaint(number).allowed_next}
    assert "dispatched" not in offered()


def test_rejecting_needs_a_reason_and_a_second_word(visit: Visit, store: Store) -> None:
    number = open_complaint(store)
    page = visit.open(f"/complaints/{number}")
    reject = page.get_by_role("button", name="Tolak", exact=True)

    reject.click()
    expect(page.locator(".answer")).to_have_text("Tulis alasannya dahulu.")
    page.get_by_label("Catatan").fill("Antrean biasa")
    reject.click()
    page.get_by_role("button", name="Batal").click()
    assert store.complaint(number).summary.status is Status.NEW

    reject.click()
    page.get_by_role("button", name="Ya, lanjutkan").click()
    expect(page.locator(".sheet-head .status")).to_have_text("Ditolak")
    assert store.complaint(number).summary.status is Status.REJECTED


def test_a_duplicate_names_the_complaint_that_takes_its_place(visit: Visit, store: Store) -> None:
    original = open_complaint(store)
    store.take([a_jam(camera="toll-east")], at=now())
    (number,) = {one.number for one in store.complaints()} - {original}
    page = visit.open(f"/complaints/{number}")
    page.locator(".act summary").click()
    page.get_by_label("Nomor pengaduan asal").fill(original)

    page.get_by_role("button", name="Tandai duplikat").click()
    page.get_by_role("button", name="Ya, lanjutkan").click()

    expect(page.get_by_role("link", name=original)).to_be_visible()
    expect(page.get_by_text("Tidak ada langkah lagi")).to_be_visible()
    assert store.complaint(number).summary.duplicate_of == original


def test_a_step_that_is_no_longer_legal_is_refused_in_words(visit: Visit, store: Store) -> None:
    number = open_complaint(store)
    page = visit.open(f"/complaints/{number}")

    def somebody_else_is_quicker(route: Route) -> None:
        store.move_complaint(
            number, Status.REJECTED, actor=OPERATOR, at=now(), note="Antrean biasa"
        )
        route.continue_()

    page.route("**/status", somebody_else_is_quicker)
    page.get_by_role("button", name="Disposisikan").click()

    expect(page.locator(".sheet-head .status")).to_have_text("Ditolak")
    assert store.complaint(number).summary.status is Status.REJECTED
    expect(page.locator(".answer")).to_contain_text("Status sudah berubah")
    assert all("409" in text for text in visit.complaints)
    visit.complaints.clear()


def test_a_doubtful_finding_waits_for_an_operator_who_makes_it_a_complaint(
    visit: Visit, store: Store
) -> None:
    store.take([a_jam(confidence=0.2)], at=now())
    page = visit.open("/")
    review = page.locator(".review")
    expect(review).to_contain_text("Keyakinan di bawah batas")
    assert store.complaints() == ()

    review.get_by_role("button", name="Jadikan pengaduan").click()

    expect(page.locator(".complaint")).to_contain_text("Kemacetan")
    expect(page.get_by_text("Tidak ada yang perlu ditinjau")).to_be_visible()


def test_a_finding_is_dismissed_with_a_reason_only(visit: Visit, store: Store) -> None:
    store.take([a_jam(confidence=0.2)], at=now())
    page = visit.open("/")
    page.locator(".review summary").click()
    dismiss = page.get_by_role("button", name="Abaikan")

    dismiss.click()
    expect(page.locator(".review .answer")).to_have_text("Tulis alasannya dahulu.")
    page.get_by_label("Alasan mengabaikan").fill("Antrean lampu merah")
    dismiss.click()

    expect(page.locator(".review")).to_have_count(0)
    assert store.complaints() == ()
    assert store.incidents(awaiting_review=True) == ()


def test_a_lamp_stands_dark_beside_lit(visit: Visit, store: Store) -> None:
    began_at, mended_at = now() - timedelta(days=3), now()
    lamp = a_dark_lamp(started_at=began_at, observed_at=began_at)
    dark, lit = (
        an_evidence(
            lamp,
            content=a_jpeg(grey),
            role=EvidenceRole.CLOSE_UP,
            captured_at=at,
            width_px=64,
            height_px=36,
        )
        for grey, at in ((20, began_at), (200, mended_at))
    )
    mended = a_revision(lamp, phase=IncidentPhase.VERIFIED, observed_at=mended_at)
    store.take([lamp, dark, mended, lit], at=mended_at)

    page = visit.open(f"/complaints/{store.complaints()[0].number}")

    shown = page.locator(".pair figure")
    expect(shown.locator("figcaption")).to_have_count(2)
    for number, (caption, picture) in enumerate((("Sebelum", dark), ("Sesudah", lit))):
        expect(shown.nth(number)).to_contain_text(caption)
        source = f"/api/v1/evidence/{picture.header.sha256}"
        expect(shown.nth(number).locator("img")).to_have_attribute("src", source)
    expect(page.locator(".gallery img")).to_have_count(0)


def test_before_and_after_stand_side_by_side_and_an_operator_has_the_camera_look_again(
    visit: Visit, store: Store
) -> None:
    pothole = a_pothole(started_at=now(), observed_at=now())
    pair = [
        an_evidence(pothole, content=a_jpeg(grey), role=role, width_px=64, height_px=36)
        for role, grey in ((EvidenceRole.BEFORE, 60), (EvidenceRole.AFTER, 140))
    ]
    opened = an_evidence(pothole, content=a_jpeg(90), width_px=64, height_px=36)
    store.take([pothole, opened, *pair], at=now())
    page = visit.open(f"/complaints/{store.complaints()[0].number}")

    captions = page.locator(".pair figcaption")
    expect(captions).to_have_count(2)
    expect(captions.first).to_contain_text("Sebelum")
    expect(captions.last).to_contain_text("Sesudah")
    before, after = (page.locator(".pair img").nth(n).bounding_box() for n in (0, 1))
    assert before is not None
    assert after is not None
    assert before["y"] == after["y"]
    assert before["x"] + before["width"] <= after["x"]
    expect(page.locator(".gallery img")).to_have_count(1)

    ask = page.get_by_role("button", name="Periksa lagi sekarang")
    ask.click()
    form = page.locator("form.act").filter(has=ask)
    expect(form.locator(".answer")).to_have_text("Sudah diminta; jawabannya tampil di sini")
    ask.click()
    expect(form.locator(".answer")).to_contain_text("Kamera sudah diminta", timeout=SOON_MS)
    assert all("409" in text for text in visit.complaints)
    visit.complaints.clear()

    (command,) = store.claim_rechecks(at=now())
    reply = a_reply(command, answer=RecheckAnswer.CANNOT_SEE, text="a van stands on it")
    store.take([reply], at=now())
    panel = page.locator(".rechecks")
    expect(panel).to_contain_text("Tidak terlihat sekarang", timeout=SOON_MS)
    expect(panel).to_contain_text("a van stands on it")
    expect(page.locator(".history")).to_contain_text("Operator meminta kamera memeriksa lagi")


def test_hostile_names_and_faults_are_shown_as_they_are_written(visit: Visit, store: Store) -> None:
    announce_site(store, a_known_camera(ATTACK, ATTACK))
    at = now() + timedelta(seconds=1)
    fault = StreamFault(type=StreamFaultType.PROTOCOL, text=ATTACK, at=at)
    health = a_health(observed_at=at, stream=StreamState.WAITING, stream_since=at, fault=fault)
    letter = DeadLetter.of(ATTACK, b"", DeadLetterFault.UNKNOWN_TOPIC, ATTACK)
    number = open_complaint(store)
    store.take([health], [letter], at=at)
    store.move_complaint(number, Status.DISPATCHED, actor=OPERATOR, at=at, note=ATTACK)

    for path, part in [("/", "aside"), (f"/complaints/{number}", ".history blockquote")]:
        page = visit.open(path)
        expect(page.locator(part)).to_contain_text(ATTACK)
        expect(page.locator("img[src=x]")).to_have_count(0)
        assert page.evaluate("window.hacked") is None


def test_a_dead_camera_and_a_dead_letter_are_told_in_plain_words(
    visit: Visit, store: Store
) -> None:
    announce_site(store)
    page = visit.open("/")
    cameras = page.get_by_role("region", name="Kamera")
    expect(cameras).to_contain_text("Berjalan")
    expect(cameras).to_contain_text("25,0 / 0,5")

    at = now() + timedelta(seconds=1)
    fault = StreamFault(type=StreamFaultType.AUTHENTICATION, text="401 Unauthorized", at=at)
    letter = DeadLetter.of("simpang/v1/x/y/incident", b"{", DeadLetterFault.MALFORMED, "no JSON")
    health = a_health(observed_at=at, stream=StreamState.WAITING, stream_since=at, fault=fault)
    store.take([health], [letter], at=at)

    expect(cameras).to_contain_text("Nama pengguna atau kata sandi ditolak", timeout=SOON_MS)
    expect(page.locator(".figures")).to_contain_text("Pesan gagal1")


def test_a_lost_connection_is_shown_and_its_return_brings_what_was_missed(
    visit: Visit, store: Store, server: CentralServer
) -> None:
    page = visit.open("/")
    banner = page.get_by_text("Sambungan terputus, sedang menyambung lagi.")
    expect(banner).to_be_hidden()

    server.stop()
    expect(banner).to_be_visible(timeout=SOON_MS)
    expect(page.locator(".live")).to_contain_text("Terputus")
    store.take([a_jam()], at=now())
    server.start()

    expect(banner).to_be_hidden(timeout=2 * SOON_MS)
    expect(page.locator(".complaint")).to_contain_text("Kemacetan", timeout=SOON_MS)
    assert all("net::ERR" in text for text in visit.complaints)
    visit.complaints.clear()


def test_a_page_holds_one_live_feed_and_is_read_anew_once_for_one_jam(
    visit: Visit, store: Store
) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page = visit.open("/")
    page.wait_for_load_state("networkidle")
    before = asked.count("/")

    store.take([a_jam()], at=now())
    expect(page.locator(".complaint")).to_have_count(1, timeout=SOON_MS)
    page.wait_for_load_state("networkidle")

    assert asked.count("/") == before + 1
    assert asked.count("/api/v1/events") == 1


def test_cameras_that_speak_do_not_have_the_page_read_anew_each_time(
    visit: Visit, store: Store
) -> None:
    asked: list[str] = []
    visit.page.clock.install()
    page = visit.open("/")
    page.evaluate(
        "window.told = 0; const feed = new EventSource('/api/v1/events');"
        "feed.addEventListener('change', () => { window.told += 1; });"
        "new Promise((open) => feed.addEventListener('heartbeat', open, { once: true }))"
    )
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    for n in range(3):
        store.take([a_health(camera=f"camera-{n}", observed_at=now())], at=now())
        page.wait_for_function("told => window.told > told", arg=n)
    page.clock.run_for(2_000)
    assert asked.count("/") == 0

    page.clock.run_for(9_000)
    expect(page.locator("aside")).to_contain_text("camera-2")
    assert asked.count("/") == 1


def test_more_tabs_than_a_browser_has_connections_are_all_live(
    browser: Browser, server: CentralServer, store: Store
) -> None:
    context = browser.new_context()
    # A browser without a window shows every page; this is what a tab in the background sees.
    context.add_init_script(
        "Object.defineProperty(document, 'hidden', { get: () => window.isBehind === true });"
        "window.show = (isShown) => { window.isBehind = !isShown;"
        " document.dispatchEvent(new Event('visibilitychange')); };"
    )
    tabs = []
    for _ in range(8):
        tab = context.new_page()
        tab.goto(server.url)
        expect(tab.locator("html[data-live=connected]")).to_be_attached(timeout=SOON_MS)
        tab.evaluate("show(false)")
        tabs.append(tab)

    store.take([a_jam()], at=now())
    tabs[0].evaluate("show(true)")
    expect(tabs[0].locator(".complaint")).to_have_count(1, timeout=SOON_MS)
    expect(tabs[1].locator(".complaint")).to_have_count(0)
    context.close()


def test_an_update_leaves_focus_scroll_and_a_half_written_note_alone(
    visit: Visit, store: Store
) -> None:
    jam = a_jam()
    store.take([jam], at=now())
    page = visit.open(f"/complaints/{store.complaints()[0].number}")
    page.set_viewport_size({"width": 390, "height": 600})
    note = page.get_by_label("Catatan")
    note.fill("Menunggu kabar")
    page.locator(".act summary").click()
    note.focus()
    scrolled = page.evaluate("window.scrollY")

    evidence = an_evidence(jam, content=a_jpeg(), role=EvidenceRole.CONTEXT)
    store.take([evidence, a_revision(jam, observed_at=now())], at=now())

    expect(page.locator(".gallery img")).to_have_count(1, timeout=SOON_MS)
    expect(note).to_have_value("Menunggu kabar")
    expect(note).to_be_focused()
    expect(page.locator(".act details")).to_have_attribute("open", "")
    assert scrolled > 0
    assert page.evaluate("window.scrollY") >= scrolled


def test_the_marked_picture_and_the_plain_one_can_be_switched(visit: Visit, store: Store) -> None:
    jam = a_jam()
    plain = an_evidence(jam, content=a_jpeg(), role=EvidenceRole.CONTEXT)
    marked = an_evidence(jam, content=a_jpeg() + b"\0", role=EvidenceRole.ANNOTATED)
    store.take([jam, plain, marked], at=now())
    page = visit.open(f"/complaints/{store.complaints()[0].number}")
    shown = page.locator(".gallery img:visible")

    page.locator(".gallery label", has_text="Polos").click()
    expect(shown).to_have_attribute("src", f"/api/v1/evidence/{plain.header.sha256}")
    page.keyboard.press("ArrowLeft")
    expect(shown).to_have_attribute("src", f"/api/v1/evidence/{marked.header.sha256}")
    expect(page.locator("figcaption:visible")).to_contain_text("3 bagian disamarkan di kamera")


def test_the_language_is_switched_in_place_and_remembered(visit: Visit, store: Store) -> None:
    number = open_complaint(store)
    page = visit.open(f"/complaints/{number}")
    expect(page.locator("h1")).to_have_text("Kemacetan")

    page.get_by_role("link", name="EN", exact=True).click()

    expect(page.locator("h1")).to_have_text("Congestion")
    assert urlsplit(page.url).path == f"/complaints/{number}"
    expect(visit.open("/").locator(".complaint")).to_contain_text("Still seen by the camera")


def test_no_page_is_wider_than_its_screen(visit: Visit, store: Store) -> None:
    announce_site(store, a_known_camera("Persimpangan " * 9, "Pendekat-utara-" * 7))
    store.take([a_jam(confidence=0.2)], at=now())
    number = open_complaint(store)
    widths = [360, 390, 768, 1440, 3840]
    for path in ["/", f"/complaints/{number}"]:
        page = visit.open(path)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width
        if path == "/":
            page.set_viewport_size({"width": widths[0], "height": 800})
            table = "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)"
            assert page.evaluate(f"{table}(document.querySelector('.scroll'))") == 0


def test_the_board_can_be_used_by_keyboard_alone(visit: Visit, store: Store) -> None:
    number = open_complaint(store)
    page = visit.open("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Langsung ke pengaduan")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/complaints/{number}")
