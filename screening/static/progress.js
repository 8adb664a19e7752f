// A job that takes a while tells how far it has come; when it is over the page shows what came of it.
export function watchProgress(root) {
  const part = root.querySelector("[data-progress]");
  if (!part) {
    return;
  }
  const line = part.querySelector("progress");
  const ask = () => {
    fetch(part.dataset.progress, { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((state) => {
        part.querySelector("[data-ready]").textContent = String(state.ready);
        part.querySelector("[data-letters]").textContent = String(state.letters);
        line.value = state.share;
        if (state.over) {
          location.reload();
        } else {
          setTimeout(ask, 500);
        }
      })
      .catch(() => setTimeout(ask, 5000)); // the server is being started again: the job goes on by itself then
  };
  setTimeout(ask, 300);
}
