/**
 * Stopping a fetch without leaving its page: the form is posted, and its end arrives with the other
 * events. Where that fails the form is sent as it is.
 */
export function startStop() {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("stop"));
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button?.ariaDisabled === "true") return; // asked once is enough
    if (button) button.ariaDisabled = "true"; // and not disabled: the focus stays where it is
    const stopped = await fetch(`${form.action}?part=1`, { method: "POST" }).then((answer) => answer.ok, () => false);
    if (!stopped) form.submit();
  });
}
