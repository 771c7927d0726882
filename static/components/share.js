/** The link to the share page takes along what is selected, as the address of the page has it. */
export function startShare() {
  const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("share"));
  link?.addEventListener("click", () => {
    const [, event] = /\/e\/(\d+)$/.exec(location.pathname) ?? [];
    const share = new URL(link.href);
    share.search = "";
    if (event) share.searchParams.set("e", event);
    for (const name of event ? ["u", "f", "b"] : []) {
      const value = new URLSearchParams(location.search).get(name);
      if (value) share.searchParams.set(name, value);
    }
    link.href = share.href;
  });
}
