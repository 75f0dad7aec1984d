/** The card of the account page by which somebody asks to become a creator, or withdraws that. */

import { Problem, post, request } from "./api.js";

const MINE = "/api/v1/me/creator-request";

const form = document.querySelector("form[data-creator]");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  act(event.submitter, () => post(MINE, Object.fromEntries(new FormData(form))));
});

const withdraw = document.querySelector("[data-withdraw]");
withdraw?.addEventListener("click", () => act(withdraw, () => request("DELETE", MINE)));

async function act(button, work) {
  const refusal = document.querySelector("[data-creator-refusal]");
  refusal.hidden = true;
  button.disabled = true;
  try {
    await work();
    location.reload();
  } catch (problem) {
    button.disabled = false;
    if (!(problem instanceof Problem)) throw problem;
    const faults = problem.body.errors ?? [];
    refusal.textContent = faults.map((fault) => fault.detail).join(" ") || problem.message;
    refusal.hidden = false;
  }
}
