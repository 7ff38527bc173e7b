// SPDX-License-Identifier: Apache-2.0
// Buttons that copy the text of what data-copies names. Without scripts they stay hidden: one click selects a token.
for (const button of document.querySelectorAll("button[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  const label = button.querySelector("span");
  const words = label.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      label.textContent = button.dataset.copied;
      setTimeout(() => { label.textContent = words; }, 2000);
    } catch {
      getSelection().selectAllChildren(source);
    }
  });
}
