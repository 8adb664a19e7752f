// Single keys: "/" goes to the search box, and every element with data-key answers to its letter.
export function watchKeys(root) {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) {
      return;
    }
    if (event.key === "/") {
      const box = root.getElementById("seek");
      if (box) {
        event.preventDefault();
        box.focus();
      }
      return;
    }
    if (/^[a-z]$/.test(event.key)) {
      const target = root.querySelector('[data-key="' + event.key + '"]');
      if (target) {
        event.preventDefault();
        target.click();
      }
    }
  });
}

function isTyping(element) {
  return /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) || element.isContentEditable;
}
