// Keeps the page true: refreshes it when central says that something changed, and at least every
// half minute, because ages grow and cameras go quiet without an event. One line of state, on
// <html data-live>: connecting, connected or lost; the style sheet and the banner follow it.
//
// A page that nobody sees is not kept true and holds no stream: a browser has six connections to a
// host, and an operator more tabs than that.

const REFRESH_MS = 30_000;
const GATHER_MS = 200; // one jam is several changes; one refresh shows them all
const GATHER_CAMERAS_MS = 10_000; // a hundred cameras speak several times a second
const REST_MS = 1_000; // between two refreshes, however much happens
const RETRY_MS = 2_000;
const SILENCE_MS = 45_000; // central speaks more often than this, if only to say that it is there

const root = document.documentElement;
const banner = document.querySelector("[data-lost-banner]");
const announcement = document.getElementById("announcement");

let stream = null;
let lastHeardAt = Date.now();
let refreshedAt = 0;
let running = null;
let next = null;
let due = null; // {at, timer} of the refresh that is being gathered for

function setLive(state) {
  root.dataset.live = state;
  banner.hidden = state !== "lost";
}

function complaints() {
  const cards = document.querySelectorAll("[data-complaint]");
  return new Map([...cards].map((card) => [card.dataset.complaint, card]));
}

function announceNew(before) {
  if (before.size === 0 && !document.querySelector(".board")) return;
  const template = document.getElementById("page").dataset.newComplaint;
  for (const [number, card] of complaints()) {
    if (before.has(number)) continue;
    card.classList.add("is-new");
    announcement.textContent = template.replace("{title}", card.dataset.title);
  }
}

/** Fetch this page again and morph it in place: scroll, focus and half-written notes stay. */
async function fetchPage() {
  notDue();
  const before = complaints();
  const here = location.pathname + location.search;
  await htmx.ajax("GET", here, { target: "#page", select: "#page", swap: "outerMorph" });
  announceNew(before);
}

/** Refresh, or once more after the one that runs: that one may have read too early. */
function refresh() {
  if (running !== null) return (next ??= running.then(refresh, refresh));
  next = null;
  running = fetchPage().finally(() => {
    running = null;
    refreshedAt = Date.now();
  });
  return running;
}

function notDue() {
  clearTimeout(due?.timer);
  due = null;
}

/** Refresh in `waitMs` at the latest, and together with all else that asks for it until then. */
function refreshWithin(waitMs) {
  const at = Math.max(Date.now() + waitMs, refreshedAt + REST_MS);
  if (due !== null && due.at <= at) return;
  notDue();
  due = { at, timer: setTimeout(refresh, at - Date.now()) };
}

function heard() {
  lastHeardAt = Date.now();
}

function changed(event) {
  heard();
  const { subject } = JSON.parse(event.data);
  refreshWithin(subject === "camera" ? GATHER_CAMERAS_MS : GATHER_MS);
}

function connect() {
  stream?.close();
  heard();
  stream = new EventSource("/api/v1/events");
  stream.addEventListener("open", () => {
    heard();
    setLive("connected");
    void refresh(); // what happened since the page was made, or while the line was down
  });
  stream.addEventListener("change", changed);
  stream.addEventListener("heartbeat", heard);
  stream.addEventListener("error", () => {
    setLive("lost");
    // The browser retries a broken stream by itself, but never one that was answered with an error.
    if (stream?.readyState === EventSource.CLOSED) setTimeout(watch, RETRY_MS);
  });
}

function disconnect() {
  stream?.close();
  stream = null;
  notDue();
}

function watch() {
  if (document.hidden) return;
  if (stream === null || stream.readyState === EventSource.CLOSED) {
    connect();
  } else if (Date.now() - lastHeardAt > SILENCE_MS) {
    setLive("lost");
    connect();
  } else if (root.dataset.live === "connected") {
    void refresh();
  }
}

document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : watch()));
document.addEventListener("simpang:refresh", ({ detail: done }) => refresh().finally(done));
window.addEventListener("offline", () => setLive("lost"));
setInterval(watch, REFRESH_MS);
watch();
