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
    for (const name of ["e", "u", "f", "b"]) leads.searchParams.delete(name);
    if (event) leads.searchParams.set("e", event);
    for (const name of event ? ["u", "f", "b"] : []) {
      const value = new URLSearchParams(location.search).get(name);
      if (value) leads.searchParams.set(name, value);
    }
    link.href = leads.href;
  }, true);
}
