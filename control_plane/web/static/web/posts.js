/** Buttons that post to the API: the page is shown anew when it is done, a refusal beside it. */

import { Problem, post } from "./api.js";

for (const button of document.querySelectorAll("[data-post]")) {
  button.addEventListener("click", () => press(button));
}

async function press(button) {
  button.disabled = true;
  try {
    await post(button.dataset.post);
    location.reload();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showRefusal(button, error.message);
    button.disabled = false;
  }
}

function showRefusal(button, text) {
  const refusal = button.parentElement.querySelector("[role=alert]") ?? document.createElement("p");
  refusal.role = "alert";
  refusal.textContent = text;
  button.after(refusal);
}
