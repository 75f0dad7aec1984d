/** The place to add files of captions on a film's page in the admin. */

import { Problem, request } from "./api.js";
import { showRefusal } from "./posts.js";

for (const place of document.querySelectorAll("[data-captions]")) {
  const button = place.querySelector("[data-add]");
  button.addEventListener("click", () => add(place, button));
}

async function add(place, button) {
  button.disabled = true;
  try {
    await request("POST", place.dataset.captions, { body: readForm(place) });
    location.reload();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showRefusal(button, explain(error));
    button.disabled = false;
  }
}

function readForm(place) {
  const form = new FormData();
  for (const input of place.querySelectorAll("[data-field]")) {
    const { field } = input.dataset;
    if (input.type === "checkbox") form.set(field, input.checked);
    else if (input.type !== "file") form.set(field, input.value);
    else if (input.files.length) form.set(field, input.files[0]);
  }
  return form;
}

/** Of what is wrong with the form, every fault. */
function explain({ message, body }) {
  const faults = body?.errors ?? [];
  return faults.map(({ field, detail }) => `${field ?? ""} ${detail}`.trim()).join(" ") || message;
}
