/* A choice drawn by select2 says what it chooses, by the name of the field it stands for. */
function nameChoice(container) {
  const select = container.previousElementSibling;
  const box = container.querySelector("[role=combobox]");
  const shown = box?.querySelector("[role=textbox]");
  const name = (select?.labels?.[0]?.textContent || select?.ariaLabel || "").trim();
  if (!shown || !name) return;
  box.ariaLabel = shown.ariaLabel = name;
  box.id ||= `${shown.id}-box`;
  box.setAttribute("aria-labelledby", `${box.id} ${shown.id}`);
}

/* Select2 draws a choice anew whenever a row is added or a theme set: each drawing is named as it comes. */
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const added of change.addedNodes) {
      if (added.classList?.contains("select2-container")) nameChoice(added);
    }
  }
}).observe(document, { childList: true, subtree: true });
