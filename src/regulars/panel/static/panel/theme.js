// SPDX-License-Identifier: Apache-2.0
// Before anything is drawn: where nothing was chosen, the page is light or dark as the system is, and follows it.
{
  const root = document.documentElement;
  if (!root.dataset.bsTheme) {
    const night = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => { root.dataset.bsTheme = night.matches ? "dark" : "light"; };
    night.addEventListener("change", follow);
    follow();
  }
}
