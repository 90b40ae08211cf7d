/* While a reading is typed, show what was used since the last one. The server computes the same on saving. */
document.addEventListener("input", (event) => {
  const row = event.target.closest("tr[data-previous]");
  if (!row || !event.target.name.endsWith("-value")) return;
  const used = row.querySelector("[data-used]");
  const value = Number(event.target.value);
  if (!used || event.target.value === "" || Number.isNaN(value)) return;
  const amount = (value - Number(row.dataset.previous)) * Number(row.dataset.multiplier);
  used.textContent = amount.toLocaleString("zh-CN", { maximumFractionDigits: 3 }).replace("-", "−");
  const usual = Number(row.dataset.usual);
  used.classList.toggle("lack", amount < 0 || (usual > 0 && amount > 2 * usual));
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
