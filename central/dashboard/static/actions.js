// What an operator does: each form posts JSON to the API, which alone decides what is legal, and
// says in the reader's language how it went. The texts come with the form, as data attributes.

const OUTCOMES = { 404: "missing", 409: "conflict", 400: "invalid", 422: "invalid" };

async function confirmed(question) {
  const dialog = document.getElementById("confirmation");
  document.getElementById("confirmation-text").textContent = question;
  dialog.returnValue = "cancel";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "confirm";
}

function filledIn(form, button) {
  const values = new FormData(form, button);
  // What stands in a fold belongs to the buttons in that fold alone.
  for (const input of form.querySelectorAll("details input")) {
    if (!input.closest("details").contains(button)) values.delete(input.name);
  }
  const entries = [...values].map(([name, value]) => [name, value.replaceAll("\r", "").trim()]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}

async function post(url, values) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(values),
    });
    return response.ok ? "saved" : (OUTCOMES[response.status] ?? "failed");
  } catch {
    return "failed";
  }
}

/** Have live.js refresh the page; an import of it would run it a second time, by another address. */
function refreshed() {
  return new Promise((done) => {
    document.dispatchEvent(new CustomEvent("simpang:refresh", { detail: done }));
  });
}

async function act(form, button) {
  const answer = form.querySelector(".answer");
  const needed = button.dataset.needs && form.elements[button.dataset.needs];
  if (needed && needed.value.trim() === "") {
    answer.textContent = button.dataset.needsText;
    needed.focus();
    return;
  }
  if (button.dataset.confirm && !(await confirmed(button.dataset.confirm))) return;
  answer.textContent = form.dataset.saving;
  form.setAttribute("aria-busy", "true");
  const outcome = await post(form.dataset.action, filledIn(form, button));
  if (outcome === "saved") form.reset();
  await refreshed();
  form.removeAttribute("aria-busy");
  answer.textContent = form.dataset[outcome];
  // Said as well where the form has gone with what it was about.
  if (!form.isConnected) document.getElementById("announcement").textContent = answer.textContent;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.act")) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") !== "true" && event.submitter) void act(form, event.submitter);
});
