/** The buttons of the account page: each does one thing, after which the page is loaded again. */

import { Problem } from "./api.js";
import { Cancelled } from "./dialogs.js";

/**
 * Let buttons with these names in `data-do` do these deeds, which get the button's data. Until
 * then they are disabled: a click on one that does nothing yet would be lost.
 */
export function enable(deeds) {
  for (const button of document.querySelectorAll("[data-do]")) {
    const deed = deeds[button.dataset.do];
    if (!deed) continue;
    button.addEventListener("click", () => act(button, deed));
    button.disabled = false;
  }
}

async function act(button, deed) {
  const refusal = document.querySelector("[data-refusal]");
  refusal.hidden = true;
  button.disabled = true;
  try {
    const destination = await deed(button.dataset);
    if (typeof destination === "string") location.assign(destination);
    else location.reload();
  } catch (error) {
    button.disabled = false;
    if (error instanceof Cancelled) return;
    if (!(error instanceof Problem)) throw error;
    refusal.textContent = error.message;
    refusal.hidden = false;
  }
}
