// SPDX-License-Identifier: Apache-2.0
// Shows what the chosen role may do, and folds the others away. Without scripts they are unfolded by hand.
for (const place of document.querySelectorAll("[data-roles]")) {
  const choice = document.getElementById(place.dataset.roles);
  choice?.addEventListener("change", () => {
    for (const role of place.querySelectorAll("[data-role]")) role.open = role.dataset.role === choice.value;
  });
}
