// Keeps the page true: refreshes it when central says that something changed, and at least every
// half minute, because ages grow and cameras go quiet without an event. One line of state, on
// <html data-live>: connecting, connected or lost; the style sheet and the banner follow it.

const REFRESH_MS = 30_000;
const GATHER_MS = 200; // one jam is several changes; one refresh shows them all
const RETRY_MS = 2_000;
const SILENCE_MS = 45_000; // central speaks more often than this, if only to say that it is there

const root = document.documentElement;
const banner = document.querySelector("[data-lost-banner]");
const announcement = document.getElementById("announcement");

let stream = null;
let lastHeardAt = Date.now();
let isRefreshing = false;
let isWanted = false;
let gathering = 0;

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
export async function refresh() {
  if (isRefreshing) {
    isWanted = true;
    return;
  }
  isRefreshing = true;
  const before = complaints();
  try {
    const here = location.pathname + location.search;
    await htmx.ajax("GET", here, { target: "#page", select: "#page", swap: "outerMorph" });
    announceNew(before);
  } finally {
    isRefreshing = false;
    if (isWanted) {
      isWanted = false;
      void refresh();
    }
  }
}

function heard() {
  lastHeardAt = Date.now();
}

function changed() {
  heard();
  clearTimeout(gathering);
  gathering = setTimeout(refresh, GATHER_MS);
}

function connect() {
  stream?.close();
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
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  });
}

function watch() {
  if (Date.now() - lastHeardAt > SILENCE_MS) {
    setLive("lost");
    heard();
    connect();
  } else if (root.dataset.live === "connected" && !document.hidden) {
    void refresh();
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) watch();
});
window.addEventListener("offline", () => setLive("lost"));
setInterval(watch, REFRESH_MS);
connect();
