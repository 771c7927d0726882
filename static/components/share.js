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
}
