/** @param {HTMLElement} log */
function showLatest(log) {
  const lines = log.querySelector(".talk-lines");
  if (lines) lines.scrollTop = lines.scrollHeight;
}

/**
 * Speaking on an open WebSocket without leaving the page: the form is posted, and what comes of it
 * arrives with the other events of the trace. What can go wrong is written in the page.
 */
export function startSay() {
  const log = document.getElementById("talk-lines");
  if (log) new MutationObserver(() => showLatest(log)).observe(log, { childList: true });
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("say"));
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById("say-message"));
  const error = document.getElementById("say-error");
  if (!form || !field || !error) return;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    const closes = button?.value === "close";
    const body = new URLSearchParams({ message: field.value, do: closes ? "close" : "send" });
    const text = field.value;
    field.value = "";
    error.hidden = true;
    try {
      const answer = await fetch(`${form.action}?part=1`, { method: "POST", body });
      if (answer.ok) return;
      error.textContent = (answer.status === 413 ? error.dataset.long : error.dataset.closed) ?? "";
    } catch {
      error.textContent = error.dataset.lost ?? "";
    }
    error.hidden = false;
    if (!closes && !field.value) field.value = text;
  });
}
