// Marking a superior's form: a click on a cell fills the address box that was used last; a chosen row is tinted.
export function watchMarks(page) {
  const form = page.querySelector("form[data-marks]");
  if (!form) {
    return;
  }
  let box = null;
  for (const one of form.querySelectorAll("input[name^='cell-']")) {
    one.addEventListener("focus", () => {
      box = one;
    });
  }
  form.querySelector("[data-pick]").hidden = false;
  form.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-cell]");
    if (cell && box) {
      box.value = cell.dataset.cell;
      box.focus();
    }
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "first") {
      for (const row of form.querySelectorAll("tbody tr")) {
        row.classList.toggle("first", row.contains(event.target));
      }
    } else if (event.target.tagName === "SELECT") {
      event.target.closest("td").classList.toggle("marked", event.target.value !== "");
    }
  });
}
