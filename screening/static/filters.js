// A filter bar sends itself when one of its lists changes; the button stays for those without script.
export function watchFilters(root) {
  root.querySelectorAll("form[data-filters]").forEach((form) => {
    form.querySelectorAll("select").forEach((list) => {
      list.addEventListener("change", () => form.submit());
    });
    form.addEventListener("submit", () => leaveOutBlanks(form));
  });
}

function leaveOutBlanks(form) {
  form.querySelectorAll("input[name], select[name]").forEach((field) => {
    if (field.value === "") {
      field.disabled = true;
    }
  });
}
