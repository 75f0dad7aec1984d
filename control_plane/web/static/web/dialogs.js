/** Dialogs with a form: shown until what it asks for is done, or given up. */

import { Problem } from "./api.js";
import { clearFaults, showFaults } from "./forms.js";

/** What `ask` rejects with when somebody closes the dialog. */
export class Cancelled extends Error {}

export function openDialog(name) {
  const dialog = document.querySelector(`[data-dialog=${name}]`);
  dialog.querySelector("form").reset();
  dialog.showModal();
  return dialog;
}

/** Do `work` with the fields of the dialog's form; a refusal is shown in it, and it is asked again. */
export function ask(dialog, work) {
  const form = dialog.querySelector("form");
  clearFaults(form);
  return new Promise((resolve, reject) => {
    const submit = async (event) => {
      event.preventDefault();
      if (await attempt(form, work)) close(resolve);
    };
    const cancel = () => close(() => reject(new Cancelled()));
    const button = form.querySelector("[data-cancel]");

    function close(settle) {
      form.removeEventListener("submit", submit);
      button.removeEventListener("click", cancel);
      dialog.removeEventListener("cancel", cancel);
      dialog.close();
      settle();
    }

    form.addEventListener("submit", submit);
    button.addEventListener("click", cancel);
    dialog.addEventListener("cancel", cancel);
  });
}

async function attempt(form, work) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  clearFaults(form);
  try {
    await work(Object.fromEntries(new FormData(form)));
    return true;
  } catch (error) {
    if (error instanceof Problem) showFaults(form, error);
    else if (!(error instanceof Cancelled)) throw error;
    return false;
  } finally {
    button.disabled = false;
  }
}
