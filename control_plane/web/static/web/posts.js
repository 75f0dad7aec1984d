/** Buttons that call the API: the page is shown anew when it is done, a refusal beside it. */

import { Problem, send } from "./api.js";

for (const button of document.querySelectorAll("[data-post]")) {
  button.addEventListener("click", () => press(button));
}

async function press(button) {
  const { post: url, method = "POST", body = "{}" } = button.dataset;
  button.disabled = true;
  try {
    await send(method, url, JSON.parse(body));
    location.reload();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showRefusal(button, error.message);
    button.disabled = false;
  }
}

export function showRefusal(button, text) {
  const refusal = button.parentElement.querySelector("[role=alert]") ?? document.createElement("p");
  refusal.role = "alert";
  refusal.textContent = text;
  button.after(refusal);
}
