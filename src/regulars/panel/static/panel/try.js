// SPDX-License-Identifier: Apache-2.0
// Sends a form[data-tries] to the API and shows the answer below it. Without scripts the answer opens in a window of its own.
for (const form of document.querySelectorAll("form[data-tries]")) {
  const place = document.getElementById(form.dataset.tries);
  const status = place.querySelector(".status");
  const text = place.querySelector("pre");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const began = performance.now();
    place.hidden = false;
    status.textContent = "…";
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const body = await answer.text();
      status.textContent = `HTTP ${answer.status} · ${Math.round(performance.now() - began)} ms`;
      text.textContent = body;
    } catch {
      status.textContent = place.dataset.failed;
      text.textContent = "";
    }
  });
}
