// One box ticks all boxes of its table, and says how many are ticked.
export function watchTicks(root) {
  root.querySelectorAll("form[data-ticks]").forEach((form) => {
    const all = form.querySelector("[data-all]");
    const said = form.querySelector("[data-ticked]");
    const boxes = Array.from(form.querySelectorAll("input[data-tick]"));
    const say = () => {
      const count = boxes.filter((box) => box.checked).length;
      if (said) {
        said.textContent = "已勾选 " + count + " 条";
      }
      if (all) {
        all.checked = count > 0 && count === boxes.length;
        all.indeterminate = count > 0 && count < boxes.length;
      }
    };
    if (all) {
      all.hidden = false;
      all.addEventListener("change", () => {
        boxes.forEach((box) => {
          box.checked = all.checked;
        });
        say();
      });
    }
    boxes.forEach((box) => box.addEventListener("change", say));
    say();
  });
}
