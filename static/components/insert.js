/**
 * The only way by which text becomes markup here. Fragments are rendered by the server, where
 * every octet from the wire is escaped; the page's policy allows this one maker and no other.
 */

/** @typedef {"html" | "svg" | "rows"} Context what the fragment's elements are children of */

const AROUND = {
  html: /** @type {const} */ (["", ""]),
  svg: /** @type {const} */ (["<svg>", "</svg>"]),
  rows: /** @type {const} */ (["<table><tbody>", "</tbody></table>"]),
};

/** @type {{createHTML: (html: string) => any}} */
const policy =
  /** @type {any} */ (window).trustedTypes?.createPolicy("wiretale", {
    createHTML: (/** @type {string} */ html) => html,
  }) ?? { createHTML: (html) => html };

/**
 * Parse a fragment and put its nodes in the place of an element's children.
 *
 * @param {Element} parent
 * @param {string} html rendered by our server
 * @param {Context} [context]
 */
export function insert(parent, html, context = "html") {
  parent.replaceChildren(...parse(html, context));
}

/**
 * The nodes of a fragment.
 *
 * @param {string} html rendered by our server
 * @param {Context} context
 * @returns {Node[]}
 */
export function parse(html, context) {
  const [before, after] = AROUND[context];
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(before + html + after);
  /** @type {ParentNode} */
  let parent = template.content;
  if (context === "svg") parent = /** @type {Element} */ (parent.firstElementChild);
  if (context === "rows") parent = /** @type {Element} */ (parent.querySelector("tbody"));
  return [...parent.childNodes];
}

/**
 * Put an element in the place of the one with its id, or before the first with a higher number.
 *
 * @param {Element} parent
 * @param {string} html of one element, rendered by our server
 * @param {Context} context
 */
export function upsert(parent, html, context) {
  for (const node of parse(html.trim(), context)) {
    const there = node instanceof Element && node.id ? document.getElementById(node.id) : null;
    if (there) there.replaceWith(node);
    else parent.append(node);
  }
}

/**
 * Make these the children of an element. What is there already stays untouched: a browser forgets
 * a press of the mouse on what was taken out, even if it is put back before the button is let go.
 *
 * @param {Element} parent
 * @param {Element[]} children
 */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const child of children) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
}
