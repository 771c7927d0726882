/**
 * The share page: copies its texts, and has the browser draw the picture as PNG.
 */

const status = document.getElementById("copy-status");

/** @param {boolean} done */
function say(done) {
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

for (const button of document.querySelectorAll("[data-copy]")) startCopy(/** @type {HTMLElement} */ (button));

const picture = /** @type {HTMLImageElement | null} */ (document.getElementById("picture"));
if (picture) {
  /** @type {Record<string, () => Promise<void>>} */
  const acts = {
    "[data-png=save]": () => save(picture),
    "[data-png=copy]": () => navigator.clipboard.write([new ClipboardItem({ "image/png": png(picture) })]),
    "[data-svg]": async () => navigator.clipboard.writeText(await (await fetch(picture.src)).text()),
  };
  for (const [selector, act] of Object.entries(acts)) {
    const button = /** @type {HTMLElement | null} */ (document.querySelector(selector));
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", () => void attempt(act));
  }
}
