// Marks a project's history as seen once it has been on the screen for some seconds; the button does it at once.
const AFTER = 5000;

export function watchSeen(root) {
  const form = root.querySelector("form[data-seen]");
  if (!form) {
    return;
  }
  window.setTimeout(() => {
    if (root.visibilityState === "visible") {
      fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual" });
    }
  }, AFTER);
}
