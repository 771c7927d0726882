/**
 * Sharing as a sheet above the trace. It is asked for whenever it opens, because what is selected
 * goes along; what it cannot do without another page, the page of sharing does.
 */
import { parse } from "../components/insert.js";
import { startTools } from "./tools.js";

/**
 * @param {string} address of the page of sharing
 * @returns {Promise<HTMLElement>} the sheet, not open yet
 */
async function made(address) {
  const part = new URL(address);
  part.searchParams.set("part", "1");
  const answer = await fetch(part);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const holder = document.createElement("div");
  holder.append(...parse(await answer.text(), "html"));
  const [style, sheet] = [holder.querySelector("link"), holder.querySelector("#share-sheet")];
  if (!style || !(sheet instanceof HTMLElement)) throw new Error("no sheet");
  await styled(style);
  return sheet;
}

/** @param {HTMLLinkElement} style is put into the page once; done when it is there */
function styled(style) {
  if (document.querySelector(`link[href="${style.getAttribute("href")}"]`)) return;
  return new Promise((done) => {
    style.addEventListener("load", done, { once: true });
    style.addEventListener("error", done, { once: true });
    document.head.append(style);
  });
}

/**
 * @param {HTMLElement} sheet
 * @param {string} address
 */
function start(sheet, address) {
  startTools(sheet);
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (sheet.querySelectorAll("form[data-stays]"))) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void post(form, event.submitter, address).catch(() => location.assign(address));
    });
  }
}

/**
 * Do what a form does, and show what has become of it in the same sheet.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 * @param {string} address
 */
async function post(form, submitter, address) {
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form, submitter)));
  const answer = await fetch(form.action, { method: "POST", body });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const sheet = document.getElementById("share-sheet");
  sheet?.replaceChildren(...(await made(address)).childNodes);
  if (!sheet) return;
  start(sheet, address);
  document.getElementById(form.dataset.stays ?? "")?.focus();
}

/**
 * @param {HTMLAnchorElement} link whose page opens as a sheet; where that fails, as the page it is
 */
export async function openShare(link) {
  const there = document.getElementById("share-sheet");
  const again = there?.matches(":popover-open");
  there?.remove();
  if (again) return link.focus();
  try {
    const sheet = await made(link.href);
    if (document.getElementById("share-sheet")) return;
    (link.closest("header") ?? link).after(sheet);
    start(sheet, link.href);
    link.focus(); // what has the focus as it opens gets that back
    sheet.addEventListener("toggle", () => link.setAttribute("aria-expanded", String(sheet.matches(":popover-open"))));
    sheet.showPopover();
  } catch {
    location.assign(link.href);
  }
}
