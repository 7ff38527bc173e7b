// SPDX-License-Identifier: Apache-2.0
// Buttons with data-prints print the page; without scripts they stay hidden, and the browser's own menu prints.
for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
