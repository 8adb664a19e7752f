// Ticks of the ledger go along in the links of the page: over paging, sorting and filters, without asking the server.
export function watchSelection(root) {
  const form = root.querySelector("form[data-selection]");
  if (!form) {
    return;
  }
  const boxes = Array.from(form.querySelectorAll("input[data-tick]"));
  const all = form.querySelector("input[name=all]");
  const head = form.querySelector("[data-all]");
  const hidden = (name) => Array.from(form.querySelectorAll("input[type=hidden][name=" + name + "]")).map((box) => box.value);
  const elsewhere = hidden(all ? "skip" : "pick");

  const kept = () => {
    const here = boxes.filter((box) => box.checked !== Boolean(all)).map((box) => box.value);
    return elsewhere.concat(here);
  };
  const carry = (address, keys) => {
    const query = address.searchParams;
    query.delete("pick");
    query.delete("skip");
    keys.forEach((key) => query.append(all ? "skip" : "pick", key));
  };
  const tell = (keys) => {
    const count = all ? Math.max(0, Number(all.value) - keys.length) : keys.length;
    const ticked = boxes.filter((box) => box.checked).length;
    form.querySelector("[data-count]").textContent = String(count);
    form.querySelector("[data-elsewhere]").textContent = count > ticked ? "，其中 " + (count - ticked) + " 条不在本页" : "";
    head.hidden = false;
    head.checked = ticked > 0 && ticked === boxes.length;
    head.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  const change = () => {
    const keys = kept();
    tell(keys);
    root.querySelectorAll("#content a[href]:not([data-plain])").forEach((link) => {
      const address = new URL(link.href);
      if (address.pathname === location.pathname && (!all || address.searchParams.has("all"))) {
        carry(address, keys);
        link.href = address.href;
      }
    });
    const picks = root.querySelector("[data-picks]");
    if (picks && !all) {
      picks.textContent = "";
      keys.forEach((key) => {
        const box = document.createElement("input");
        box.type = "hidden";
        box.name = "pick";
        box.value = key;
        picks.appendChild(box);
      });
    }
  };
  const tick = (ticked) => {
    boxes.forEach((box) => {
      box.checked = ticked;
    });
    change();
  };

  boxes.forEach((box) => box.addEventListener("change", change));
  head.addEventListener("change", () => tick(head.checked));
  form.querySelector("[data-whole-page]").addEventListener("click", (event) => {
    event.preventDefault();
    tick(true);
  });
  window.addEventListener("pageshow", change); // the browser's Back restores ticks after the script ran
  change();
}
