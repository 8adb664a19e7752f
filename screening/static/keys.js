// Single keys: "/" goes to the search box, j and k move over the rows of a list, "?" shows the keys, and every element
// with data-key answers to its letter.
export function watchKeys(root) {
  root.addEventListener("click", (event) => opened(root, event));
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) {
      return;
    }
    const panel = root.getElementById("keys");
    if (event.key === "Escape" && panel && !panel.hidden) {
      panel.hidden = true;
    } else if (event.key === "?" && panel) {
      event.preventDefault();
      panel.hidden = !panel.hidden;
      if (!panel.hidden) {
        panel.focus();
      }
    } else if (event.key === "/") {
      const box = root.getElementById("seek");
      if (box) {
        event.preventDefault();
        box.focus();
      }
    } else if (!answered(root, event)) {
      moved(root, event);
    }
  });
}

// An element's own letter comes before the keys of the list.
function answered(root, event) {
  const target = /^[a-z]$/.test(event.key) && !event.repeat ? root.querySelector('[data-key="' + event.key + '"]') : null;
  if (target) {
    event.preventDefault();
    target.click();
  }
  return Boolean(target);
}

// A link to something folded unfolds it and goes to its first box.
function opened(root, event) {
  const link = event.target.closest("a[href^='#']");
  const folded = link ? root.getElementById(link.getAttribute("href").slice(1)) : null;
  if (folded && folded.tagName === "DETAILS") {
    const box = folded.querySelector("select, textarea");
    folded.open = true;
    if (box) {
      event.preventDefault();
      box.focus();
    }
  }
}

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

function moved(root, event) {
  const rows = Array.from(root.querySelectorAll("table[data-rows] tbody tr"));
  const place = rows.findIndex((row) => row.classList.contains("at"));
  const arrow = event.key.length > 1;
  // Arrows scroll, and change a group of choices, until the list has been entered by a letter.
  if (!rows.length || (arrow && (place < 0 || isChoosing(event.target)))) {
    return;
  }
  if (event.key in STEPS) {
    event.preventDefault();
    const next = place < 0 ? (STEPS[event.key] > 0 ? 0 : rows.length - 1) : place + STEPS[event.key];
    enter(rows, Math.min(rows.length - 1, Math.max(0, next)));
  } else if (event.key === "x" && place >= 0) {
    const box = rows[place].querySelector("input[data-tick]");
    if (box) {
      event.preventDefault();
      box.click();
    }
  }
}

// The focus stands on the link of the row, so that Enter opens it by itself.
function enter(rows, place) {
  rows.forEach((row, index) => row.classList.toggle("at", index === place));
  rows[place].querySelector("a[href]").focus({ preventScroll: true });
  rows[place].scrollIntoView({ block: "nearest" });
}

function isChoosing(element) {
  return element.tagName === "INPUT" || element.tagName === "SUMMARY";
}

function isTyping(element) {
  const ticks = element.tagName === "INPUT" && element.type === "checkbox";
  return (/^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) && !ticks) || element.isContentEditable;
}
