// The form of a project while somebody types: results at once, words beside the box, variants of the product chosen.
const PAUSE = 500;

export function watchRegistration(root) {
  const form = root.getElementById("registration");
  if (!form || !window.fetch) {
    return;
  }
  const results = root.getElementById("results");
  const touched = new Set();
  let timer = null;
  let asked = 0;

  const ask = () => {
    asked += 1;
    const mine = asked;
    const body = new URLSearchParams(new FormData(form));
    fetch(form.dataset.check, { method: "POST", body: body, credentials: "same-origin", headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((found) => {
        if (found && mine === asked) {
          show(found);
        }
      })
      .catch(() => {}); // without an answer the button 检查 still works
  };

  const show = (found) => {
    const open = Array.from(results.querySelectorAll("details")).map((part) => part.open);
    results.innerHTML = found.results;
    Array.from(results.querySelectorAll("details")).forEach((part, i) => {
      part.open = Boolean(open[i]);
    });
    touched.forEach((name) => say(name, found.problems[name] || "", found.doubts[name] || ""));
  };

  const say = (name, problem, doubt) => {
    const entry = form.querySelector('[data-entry="' + name + '"]');
    if (entry) {
      entry.classList.toggle("wrong", problem !== "");
      entry.classList.toggle("unsure", problem === "" && doubt !== "");
      entry.querySelector(".said").textContent = problem || doubt;
    }
  };

  const changed = (event) => {
    if (event.target.name) {
      touched.add(event.target.name);
      if (/-product$/.test(event.target.name)) {
        narrow(root, event.target);
      }
    }
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.querySelectorAll('input[name$="-product"]').forEach((box) => narrow(root, box));
}

// The list of variants of one unit holds those of its product only.
function narrow(root, box) {
  const variant = root.getElementById(box.name.replace(/-product$/, "-variant"));
  const meant = Array.from(root.getElementById("products").options).find((option) => option.value === box.value.trim());
  if (!variant) {
    return;
  }
  if (!meant) {
    variant.setAttribute("list", "variants");
    return;
  }
  const product = meant.textContent || meant.value;
  const id = box.name.replace(/-product$/, "-variants");
  let list = root.getElementById(id);
  if (!list) {
    list = root.createElement("datalist");
    list.id = id;
    variant.parentNode.appendChild(list);
  }
  list.textContent = "";
  Array.from(root.getElementById("variants").options).forEach((option) => {
    if (option.textContent === product) {
      list.appendChild(option.cloneNode(true));
    }
  });
  variant.setAttribute("list", id);
}

// Leaving a page with unsaved text asks first, whatever form it was typed into; sending that form does not.
export function watchLeaving(root) {
  const refused = root.querySelector('[role="alert"][data-focus]');
  root.querySelectorAll('form[method="post"]').forEach((form) => {
    if (form.querySelector('input[type="password"]')) {
      return;
    }
    const typed = Array.from(form.querySelectorAll("textarea")).some((box) => box.value.trim() !== "");
    let unsaved = form.hasAttribute("data-unsaved") || (refused !== null && typed);
    form.addEventListener("input", (event) => {
      unsaved = unsaved || event.target.matches('textarea, input[type="text"], input:not([type])') || "leave" in form.dataset;
    });
    form.addEventListener("submit", () => {
      unsaved = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (unsaved) {
        event.preventDefault();
        event.returnValue = "本页有未保存的内容。";
      }
    });
  });
}
