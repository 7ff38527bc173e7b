// SPDX-License-Identifier: Apache-2.0
// While a file is written, a bar says how far it is. Without scripts the link gives the file all the same.
const links = document.querySelector("[data-exports]");
const state = document.querySelector("[data-export-state]");
const EVERY_MS = 500;
const UNKNOWN_MAX = 20;

async function follow(mark) {
  const bar = state.querySelector("progress");
  const words = state.querySelector("span");
  const number = new Intl.NumberFormat(document.documentElement.lang);
  bar.removeAttribute("value");
  words.textContent = "";
  state.hidden = false;
  let unknown = 0;
  while (unknown < UNKNOWN_MAX) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    const answer = await fetch(links.dataset.exports.replace("MARK", mark)).catch(() => null);
    if (!answer || !answer.ok) {
      unknown += 1;
      continue;
    }
    const { done, total, over } = await answer.json();
    if (total) bar.value = Math.min(done / total, 1);
    words.textContent = `${over ? words.dataset.over : words.dataset.writing} ${number.format(done)}${over ? "" : ` / ${number.format(total)}`}`;
    if (over) {
      bar.value = 1;
      return;
    }
  }
  state.hidden = true;
}

links?.addEventListener("click", (event) => {
  const link = event.target.closest("[data-export]");
  if (!link) return;
  const mark = crypto.randomUUID();
  const place = new URL(link.href);
  place.searchParams.set("mark", mark);
  link.href = place.href;
  follow(mark);
});
