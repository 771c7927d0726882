/** The page of sharing opens as a sheet above the trace; with a key held it is a link like others. */
function startSheet() {
  const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("share"));
  if (!link) return;
  link.setAttribute("aria-haspopup", "dialog");
  link.setAttribute("aria-expanded", "false");
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    void import("../share/sheet.js").then(({ openShare }) => openShare(link), () => location.assign(link.href));
  });
}

/**
 * Links to other views of the trace take along what is selected, as the address of the page has
 * it: the page of sharing, the bytes of a connection, the comparison.
 */
export function startShare() {
  document.addEventListener("click", ({ target }) => {
    const link = /** @type {HTMLAnchorElement | null} */ (
      /** @type {Element} */ (target).closest("a[data-chosen]")
    );
    if (!link) return;
    const [, event] = /\/e\/(\d+)$/.exec(location.pathname) ?? [];
    const leads = new URL(link.href);
    const here = new URLSearchParams(location.search);
    if (event) here.set("e", event);
    for (const name of (link.dataset.chosen || "e u f b").split(" ")) {
      const value = event && here.get(name);
      if (value) leads.searchParams.set(name, value);
      else leads.searchParams.delete(name);
    }
    link.href = leads.href;
  }, true);
  startSheet();
}
