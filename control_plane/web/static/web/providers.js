/** Buttons that lead to providers: the API is asked for the way, and says what is the matter. */

import { Problem, request } from "./api.js";

const AWAY = "Logging in this way does not work at present. Try again in a moment.";

for (const form of document.querySelectorAll("form[data-providers]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(form, event.submitter);
  });
}

async function leave(form, button) {
  const message = form.querySelector("[data-message]");
  message.hidden = true;
  button.disabled = true;
  try {
    const fields = Object.fromEntries(new FormData(form));
    location.assign(await findWay({ ...fields, provider: button.value }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    message.textContent = error.code === "unavailable" ? AWAY : error.message;
    message.hidden = false;
    button.disabled = false;
  }
}

/** The address at the provider. The form itself could not follow there: its policy forbids it. */
export async function findWay(fields) {
  const body = new URLSearchParams(fields);
  const answer = await request("POST", "/api/v1/browser/auth/provider/redirect", { body });
  return (await answer.json()).data.location;
}
