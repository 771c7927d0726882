/**
 * Sharing, as a page and as a sheet: copies its texts, has the browser draw the picture as PNG, and
 * shows a frame as soon as another one is chosen.
 */
import { parse } from "../components/insert.js";

/** @param {boolean} done */
function say(done) {
  const status = document.getElementById("share-status");
  if (status) status.textContent = (done ? status.dataset.done : status.dataset.failed) ?? "";
}

/** @param {() => Promise<void>} act */
async function attempt(act) {
  try {
    await act();
    say(true);
  } catch {
    say(false);
  }
}

/** @param {HTMLElement} button */
function startCopy(button) {
  const source = /** @type {HTMLInputElement | null} */ (document.getElementById(button.dataset.copy ?? ""));
  if (!source) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    source.select();
    void attempt(() => navigator.clipboard.writeText(source.value));
  });
}

/**
 * @param {HTMLImageElement} picture
 * @returns {Promise<Blob>}
 */
async function png(picture) {
  picture.loading = "eager";
  await picture.decode();
  const scale = 2;
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(picture.naturalWidth * scale, 16_000);
  canvas.height = (picture.naturalHeight * canvas.width) / picture.naturalWidth;
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}

/** @param {HTMLImageElement} picture */
async function save(picture) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await png(picture));
  link.download = picture.dataset.name ?? "timeline.png";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Make what can be copied or saved within an element work.
 *
 * @param {ParentNode} root
 */
export function startTools(root) {
  for (const button of root.querySelectorAll("[data-copy]")) startCopy(/** @type {HTMLElement} */ (button));
  startPicture(root);
  startFrame(root);
}

/** @param {ParentNode} root */
function startPicture(root) {
  const picture = /** @type {HTMLImageElement | null} */ (root.querySelector("#share-picture"));
  if (!picture) return;
  /** @type {Record<string, () => Promise<void>>} */
  const acts = {
    "[data-png=save]": () => save(picture),
    "[data-png=copy]": () => navigator.clipboard.write([new ClipboardItem({ "image/png": png(picture) })]),
    "[data-svg]": async () => navigator.clipboard.writeText(await (await fetch(picture.src)).text()),
  };
  for (const [selector, act] of Object.entries(acts)) {
    const button = /** @type {HTMLElement | null} */ (root.querySelector(selector));
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", () => void attempt(act));
  }
}

/** @param {ParentNode} root */
function startFrame(root) {
  const form = /** @type {HTMLFormElement | null} */ (root.querySelector("#share-frame-form"));
  if (!form) return;
  const button = /** @type {HTMLElement | null} */ (form.querySelector("[data-unscripted]"));
  if (button) button.hidden = true;
  let turn = 0;
  const show = async () => {
    const mine = ++turn;
    const address = new URL(form.action);
    address.hash = "";
    address.search = new URLSearchParams(/** @type {any} */ (new FormData(form))).toString();
    address.searchParams.set("part", "1");
    const answer = await fetch(address);
    if (!answer.ok || mine !== turn) return;
    const holder = document.createElement("div");
    holder.append(...parse(await answer.text(), "html"));
    const made = holder.querySelector("#share-frame-result");
    if (!made || mine !== turn) return;
    root.querySelector("#share-frame-result")?.replaceWith(made);
    for (const each of made.querySelectorAll("[data-copy]")) startCopy(/** @type {HTMLElement} */ (each));
  };
  form.addEventListener("change", () => void show().catch(() => button?.removeAttribute("hidden")));
  form.addEventListener("submit", (event) => {
    if (button?.hidden) event.preventDefault();
  });
}

// A view says that it is there until somebody says that they heard it.
addEventListener("message", ({ data, source }) => {
  const frame = /** @type {HTMLIFrameElement | null} */ (document.querySelector(".frame-preview"));
  if (data?.wiretale?.ready && source && source === frame?.contentWindow) {
    frame.contentWindow?.postMessage({ wiretale: {} }, location.origin);
  }
});
