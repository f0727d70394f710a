/** A sheet of paper: the button that the browser's own print dialog stands behind. */

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
