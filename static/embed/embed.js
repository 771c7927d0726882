// An embedded view tells the page around it how high it is and which step it shows, and opens the
// step that it is told. It keeps nothing. The page is complete without this.
(() => {
  const main = document.querySelector("main");
  const step = Number(main?.dataset.step ?? 0);
  let acknowledged = false;

  /** @param {object} told */
  const tell = (told) => parent.postMessage({ wiretale: told }, "*");

  const height = () => Math.ceil(document.documentElement.getBoundingClientRect().height);

  addEventListener("message", (event) => {
    const asked = event.source === parent && event.data?.wiretale;
    if (!asked) return;
    acknowledged = true;
    const wanted = Number(asked.step);
    if (!Number.isInteger(wanted) || wanted < 1 || wanted === step) return;
    const address = new URL(location.href);
    address.searchParams.delete("step");
    address.searchParams.set("e", String(wanted));
    for (const name of ["u", "f"]) address.searchParams.delete(name);
    location.replace(address);
  });

  // An arrow leaves the page's scrolling alone, unless the reader is at something in this frame.
  addEventListener("keydown", (event) => {
    const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const at = document.activeElement;
    if (!way || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (!at?.closest("a, .octets, .tree")) return;
    /** @type {HTMLAnchorElement | null} */
    const link = document.querySelector(`.embed-foot a[rel=${way}]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });

  if (parent === window) return;
  new ResizeObserver(() => tell({ height: height(), step })).observe(document.documentElement);
  let calls = 0;
  const call = () => {
    if (acknowledged) return;
    tell({ ready: true, height: height(), step });
    calls += 1;
    setTimeout(call, calls < 40 ? 500 : 10_000); // who listens may come much later than the frame
  };
  call();
})();
