/** Show what is offered after a while: `data-after` says in how many seconds. */
export function startLater() {
  for (const element of document.querySelectorAll("[data-after][hidden]")) {
    const seconds = Number(element.getAttribute("data-after"));
    setTimeout(() => element.removeAttribute("hidden"), seconds * 1000);
  }
}
