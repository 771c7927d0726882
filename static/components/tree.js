/**
 * The field tree: the server's nested list with the roles and the keys of a tree.
 *
 * @typedef {import("../lib/runs.js").Leaf} Leaf
 */

const LEAST_SEEN = 40; // pixels: a row, and what shows that there are more

/**
 * @param {Element} item
 * @returns {Element[]} the items directly under it
 */
function itemsOf(item) {
  return [...item.querySelectorAll(":scope > ul > .item")];
}

/**
 * @param {Element} item
 * @returns {HTMLElement}
 */
function rowOf(item) {
  return /** @type {HTMLElement} */ (item.querySelector(":scope > .field"));
}

/**
 * A group opens without a script, as `details`. With one it is an item like any other.
 *
 * @param {Element} tree
 */
function adoptGroups(tree) {
  for (const details of tree.querySelectorAll("details")) {
    const row = document.createElement("span");
    row.className = "field";
    row.append(...(details.querySelector(":scope > summary")?.childNodes ?? []));
    const item = details.parentElement;
    details.replaceWith(row, ...details.querySelectorAll(":scope > ul"));
    if (item) expand(item, details.open);
  }
}

/**
 * Show or hide what is under an item. Its row is what has the focus, so the row is what says so.
 *
 * @param {Element} item
 * @param {boolean} open
 */
function expand(item, open) {
  item.setAttribute("data-open", String(open));
  rowOf(item).setAttribute("aria-expanded", String(open));
}

/**
 * Give a list its roles, level by level. The items of the list are none to a screen reader: the
 * rows in them are, which have the focus.
 *
 * @param {Element} tree
 */
function describe(tree) {
  tree.setAttribute("role", "tree");
  const visit = (/** @type {Element[]} */ items, /** @type {number} */ level) => {
    items.forEach((item, index) => {
      const row = rowOf(item);
      item.setAttribute("role", "none");
      row.setAttribute("role", "treeitem");
      row.setAttribute("aria-level", String(level));
      row.setAttribute("aria-setsize", String(items.length));
      row.setAttribute("aria-posinset", String(index + 1));
      row.setAttribute("aria-selected", String(row.matches(".on")));
      row.removeAttribute("aria-current");
      row.tabIndex = -1;
      const inner = itemsOf(item);
      if (inner.length === 0) return;
      if (!item.hasAttribute("data-open")) expand(item, true);
      item.querySelector(":scope > ul")?.setAttribute("role", "group");
      visit(inner, level + 1);
    });
  };
  visit([...tree.querySelectorAll(":scope > .item")], 1);
}

/**
 * The leaves of a tree, in wire order, as the byte pane needs them.
 *
 * @param {Element | null} tree
 * @returns {Leaf[]}
 */
export function leavesOf(tree) {
  if (!tree) return [];
  return [.../** @type {NodeListOf<HTMLElement>} */ (tree.querySelectorAll("[data-leaf]"))]
    .map((item) => ({
      key: item.dataset.f ?? "",
      start: startOf(item),
      length: Number(item.dataset.length),
      opaque: item.classList.contains("opaque"),
    }))
    .filter((leaf) => leaf.length > 0);
}

/**
 * @param {HTMLElement | null} item
 * @returns {number} the first bit of its field, which its key begins with: "24-40"
 */
export function startOf(item) {
  return Number.parseInt(item?.dataset.f ?? "", 10);
}

/**
 * @param {string} key
 * @returns {HTMLElement | null} the item of a field
 */
export function itemOf(key) {
  return document.querySelector(`#tree .item[data-f="${CSS.escape(key)}"]`);
}

/**
 * Move the mark to a field and open what hides it. The pane scrolls no more than it must.
 *
 * @param {string} key "" for none
 */
export function markField(key) {
  const tree = document.getElementById("tree");
  if (!tree) return;
  for (const row of tree.querySelectorAll(".field.on")) {
    row.classList.remove("on");
    row.setAttribute("aria-selected", "false");
  }
  const item = key ? itemOf(key) : null;
  const row = item ? rowOf(item) : null;
  for (const other of tree.querySelectorAll('.field[tabindex="0"]')) {
    /** @type {HTMLElement} */ (other).tabIndex = -1;
  }
  if (!item || !row) {
    const first = /** @type {HTMLElement | null} */ (tree.querySelector(".field"));
    if (first) first.tabIndex = 0;
    return;
  }
  for (let above = item.parentElement; above && above !== tree; above = above.parentElement) {
    if (above.hasAttribute("data-open")) expand(above, true);
  }
  row.classList.add("on");
  row.setAttribute("aria-selected", "true");
  row.tabIndex = 0;
  scrollWithin(tree, row);
}

/**
 * How much of a pane is seen above the player, in pixels from its top: all of it where that is
 * too little to read, for then one scrolls to it first.
 *
 * @param {Element} pane
 */
export function seenOf(pane) {
  const foot = document.getElementById("player")?.getBoundingClientRect().top ?? innerHeight;
  const seen = foot - pane.getBoundingClientRect().top;
  return seen < LEAST_SEEN ? pane.clientHeight : Math.min(seen, pane.clientHeight);
}

/**
 * Scroll a pane, and nothing around it, until a row in it is visible.
 *
 * @param {Element} pane
 * @param {Element} row
 */
function scrollWithin(pane, row) {
  if (pane.scrollHeight <= pane.clientHeight) return;
  const outer = pane.getBoundingClientRect();
  const inner = row.getBoundingClientRect();
  const bottom = outer.top + seenOf(pane);
  if (inner.top < outer.top + 8) pane.scrollTop -= outer.top + 8 - inner.top;
  else if (inner.bottom > bottom - 8) pane.scrollTop += inner.bottom - bottom + 8;
}

/** @param {Element} tree */
function visibleItems(tree) {
  return [...tree.querySelectorAll(".item")].filter(
    (item) => !item.parentElement?.closest('[data-open="false"]'),
  );
}

/**
 * @param {KeyboardEvent} event
 * @param {Element} tree
 * @param {Element} item the one with the focus
 * @returns {Element | null | undefined} where the focus goes; null to stay; undefined: not a tree key
 */
function target(event, tree, item) {
  const visible = visibleItems(tree);
  const at = visible.indexOf(item);
  const open = item.getAttribute("data-open");
  switch (event.key) {
    case "ArrowDown":
      return visible[at + 1] ?? null;
    case "ArrowUp":
      return visible[at - 1] ?? null;
    case "Home":
      return visible[0];
    case "End":
      return visible[visible.length - 1];
    case "ArrowRight":
      if (open === "false") expand(item, true);
      return open === "true" ? itemsOf(item)[0] : null;
    case "ArrowLeft":
      if (open === "true") expand(item, false);
      return open === "true" ? null : item.parentElement?.closest(".item");
    case "*":
      for (const sibling of item.parentElement?.children ?? []) {
        if (sibling.hasAttribute("data-open")) expand(sibling, true);
      }
      return null;
    default:
      return undefined;
  }
}

/** @param {Element} item */
function toggle(item) {
  expand(item, item.getAttribute("data-open") !== "true");
}

/**
 * The focus goes to a row, which is then the one that Tab comes back to.
 *
 * @param {Element} tree
 * @param {HTMLElement} row
 */
function moveFocus(tree, row) {
  for (const other of tree.querySelectorAll('.field[tabindex="0"]')) {
    /** @type {HTMLElement} */ (other).tabIndex = -1;
  }
  row.tabIndex = 0;
  row.focus();
}

/**
 * Make the tree that the panes hold now work.
 *
 * @param {{choose: (row: HTMLElement) => void, toBytes: () => void}} act
 */
export function startTree({ choose, toBytes }) {
  const tree = document.getElementById("tree");
  if (!tree) return;
  adoptGroups(tree);
  describe(tree);
  tree.addEventListener("keydown", (event) => {
    const item = /** @type {Element} */ (event.target).closest(".item");
    if (!item || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      if (rowOf(item).matches("[data-u]")) return; // it opens on another page
      event.preventDefault();
      if (item.matches(".group")) return toggle(item);
      choose(rowOf(item));
      toBytes();
      return;
    }
    const next = target(event, tree, item);
    if (next === undefined) return;
    event.preventDefault();
    if (!next) return;
    if (!next.matches(".group:not(.leaf)")) choose(rowOf(next));
    moveFocus(tree, rowOf(next));
  });
  tree.addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest(".field");
    if (!row?.parentElement?.matches(".group:not(.leaf)")) return;
    toggle(row.parentElement);
    moveFocus(tree, /** @type {HTMLElement} */ (row));
  });
  tree.addEventListener("dblclick", (event) => {
    const row = /** @type {Element} */ (event.target).closest(".field");
    const item = row?.closest(".item[data-open]");
    if (item && !item.matches(".group")) toggle(item);
  });
}

/**
 * What the explanation says, as one would read it out: without the switch of depths above it, and
 * without what is a table or stands behind a summary.
 *
 * @returns {string}
 */
export function explained() {
  const parts = /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("#explanation > :is(h3, p, dl)")
  );
  return [...parts].map((part) => part.innerText).join("\n");
}
