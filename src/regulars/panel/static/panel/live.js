// SPDX-License-Identifier: Apache-2.0
// Looks again every two seconds at a page whose #live[data-live] says that something goes on; without scripts there is a link.
const SECONDS = 2;

const look = async () => {
  const live = document.getElementById("live");
  if (!live || !("live" in live.dataset)) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (!answer.ok || answer.redirected || !fresh || !("live" in fresh.dataset)) {
      location.reload();
      return;
    }
    live.replaceChildren(...fresh.childNodes);
  } catch {
    // The next look may reach the server again.
  }
  setTimeout(look, SECONDS * 1000);
};

setTimeout(look, SECONDS * 1000);
