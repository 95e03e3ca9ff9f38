// What forms do besides being sent: long lists are narrowed by typing, and a form can be aimed at another place.
"use strict";

(() => {
  /** Hides the labels of a list that don't have what was typed; chosen ones stay. */
  function narrow(box) {
    const wanted = box.value.trim().toLowerCase();
    for (const label of box.closest("fieldset").querySelectorAll("label")) {
      if (label.contains(box)) continue;
      label.hidden = !label.textContent.toLowerCase().includes(wanted) && !label.querySelector(":checked");
    }
  }

  /** Makes the form send what the chosen option of `select[data-aim]` says; shows the fields that are for it,
   * those in `[data-when]` that name its kind. */
  function aim(select) {
    const { form, selectedOptions } = select;
    const { kind, ...said } = selectedOptions[0].dataset;
    Object.assign(form.dataset, said);
    for (const group of form.querySelectorAll("[data-when]")) {
      group.disabled = group.hidden = !group.dataset.when.split(" ").includes(kind);
    }
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-narrow]")) narrow(event.target);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-aim]")) aim(event.target);
  });

  // An address says what a list was asked for, not what else could be asked.
  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    const { body } = ctx.request;
    if (!ctx.sourceElement.matches("form.filters")) return;
    for (const [name, value] of [...body]) if (!value) body.delete(name);
  });

  // Enter in the search box of a list would send the whole form.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-narrow]")) event.preventDefault();
  });
})();
