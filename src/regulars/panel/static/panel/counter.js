// SPDX-License-Identifier: Apache-2.0
// The counter, quicker: what a form would do while one types, codes read by the camera or typed by a scanner into the wrong
// field, printing. Every page works without it. No sum is made here: the server is asked, which knows the rules.
document.documentElement.classList.add("scripted");

// What the form would do.
for (const form of document.querySelectorAll("form[data-preview]")) {
  const target = form.querySelector("output");
  let timer = 0;
  let running = null;

  async function show() {
    running?.abort();
    const mine = (running = new AbortController());
    const body = new FormData(form);
    const isEmpty = ![...form.elements].some((each) => each.matches("input:not([type=hidden]), select") && (each.type === "radio" || each.type === "checkbox" ? each.checked : each.value));
    if (isEmpty && !("previewNow" in form.dataset)) {
      target.replaceChildren();
      return;
    }
    body.set("preview", "1");
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Piece": "1" }, signal: mine.signal });
      if (answer.ok && !answer.redirected) target.innerHTML = await answer.text();
    } catch (error) {
      if (error.name !== "AbortError") target.replaceChildren();
    }
  }

  form.addEventListener("input", (event) => {
    const choice = event.target.closest(".choice.typed")?.querySelector("input[type=radio]");
    if (choice && event.target.value) choice.checked = true;
    clearTimeout(timer);
    timer = setTimeout(show, 150);
  });
  if ("previewNow" in form.dataset) show();
}

// A scanner types fast and ends with Enter. Wherever the cursor stands, what it read is looked for, and nothing else is sent.
const search = document.querySelector("form[data-scanner]");
const SCANNED_LENGTH_MIN = 6;
const SCANNED_PAUSE_MAX = 50; // milliseconds between two letters; nobody types so fast
let scanned = "";
let last = 0;
document.addEventListener("keydown", (event) => {
  if (!search || event.target === search.elements.q) return;
  if (event.key === "Enter" && scanned.length >= SCANNED_LENGTH_MIN && event.timeStamp - last <= SCANNED_PAUSE_MAX) {
    event.preventDefault();
    search.elements.q.value = scanned;
    search.requestSubmit();
  } else if (event.key.length === 1) {
    scanned = event.timeStamp - last <= SCANNED_PAUSE_MAX ? scanned + event.key : event.key;
    last = event.timeStamp;
  }
}, { capture: true });
document.querySelector("[data-focus]")?.focus();
if (document.activeElement?.matches("input.amount")) document.activeElement.select(); // what is typed takes the place of "1"

// Where a new customer's card is scanned, its Enter leads to the next field.
for (const input of document.querySelectorAll("input[data-next]")) {
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const others = [...input.form.elements].filter((each) => each.matches("input[type=text], input[type=tel], input[type=email]"));
    others[others.indexOf(input) + 1]?.focus();
  });
}

// The camera, where the browser reads codes.
const dialog = document.querySelector("[data-scan-dialog]");
const opener = document.querySelector("[data-scan]");
if (dialog && opener && "BarcodeDetector" in window && navigator.mediaDevices) {
  const video = dialog.querySelector("video");
  const text = dialog.querySelector("[data-scan-text]");
  let stream = null;

  async function watch(detector) {
    while (stream) {
      const [code] = await detector.detect(video).catch(() => []);
      if (code?.rawValue) {
        search.elements.q.value = code.rawValue;
        dialog.close();
        search.requestSubmit();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
  }

  opener.hidden = false;
  opener.addEventListener("click", async () => {
    dialog.showModal();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      await video.play();
      watch(new BarcodeDetector());
    } catch {
      text.textContent = text.dataset.denied;
    }
  });
  dialog.addEventListener("close", () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    search.elements.q.focus();
  });
  dialog.querySelector("[data-scan-close]").addEventListener("click", () => dialog.close());
}

// Printing.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
