// A form is sent once; a form with a file shows that the work is under way.
export function watchForms(root) {
  root.querySelectorAll('form[method="post"]').forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (document.activeElement && document.activeElement.hasAttribute("data-again")) {
        form.querySelectorAll("[data-trial]").forEach((frame) => { frame.hidden = false; });
        return; // only looks at what would come of it
      }
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      const busy = form.querySelector("[data-busy]");
      if (busy) {
        busy.hidden = false;
      }
    });
  });
  root.querySelectorAll("[data-trial]").forEach((frame) => { frame.hidden = true; });
  // Coming back by the browser's own button must not leave a dead form behind.
  window.addEventListener("pageshow", () => {
    root.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
    });
  });
  root.querySelectorAll("form[data-shows]").forEach((form) => {
    const list = form.querySelector('select[name="' + form.dataset.shows + '"]');
    const parts = form.querySelectorAll("[data-for]");
    const show = () => parts.forEach((part) => {
      part.hidden = list.value === "" || !part.dataset.for.split(" ").includes(list.value);
    });
    if (list) {
      list.addEventListener("change", show);
      show();
    }
  });
}
