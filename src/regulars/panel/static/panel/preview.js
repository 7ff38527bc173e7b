// SPDX-License-Identifier: Apache-2.0
// Shows what a form would do while it is typed: the server is asked, which knows the rules. Without this the form's own button
// shows the same. data-preview: where to ask; data-fields: what to send; data-target: the id of what is filled.
for (const form of document.querySelectorAll("form[data-preview]")) {
  const target = document.getElementById(form.dataset.target);
  const names = (form.dataset.fields ?? "").split(" ").filter(Boolean);
  let timer = 0;
  let asked = 0;

  async function show() {
    const mine = ++asked;
    const query = new URLSearchParams(form.dataset.extra ?? "");
    for (const [name, value] of new FormData(form)) {
      if (names.includes(name) && typeof value === "string") query.append(name, value);
    }
    const answer = await fetch(`${form.dataset.preview}?${query}`);
    if (!answer.ok || answer.redirected) return;
    const piece = await answer.text();
    if (mine === asked) target.innerHTML = piece;
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 150);
  });
}
