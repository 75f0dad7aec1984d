/** What every form says: what is wrong, beside the field that it concerns, and that it is done. */

export function showDone(form, text) {
  const panel = form.parentElement;
  const done = panel.querySelector("[data-done]");
  form.hidden = true;
  panel.querySelector("[data-lead]").hidden = true;
  done.textContent = text;
  done.hidden = false;
  done.focus();
}

export function showFaults(form, problem) {
  const faults = problem.body.errors ?? [];
  const rest = faults.filter((fault) => !showFault(form, fault)).map((fault) => fault.detail);
  if (!faults.length) rest.push(problem.message);
  const message = form.querySelector("[data-message]");
  message.textContent = rest.join(" ");
  message.hidden = !rest.length;
  form.querySelector("[aria-invalid]")?.focus();
}

/** Show a fault beside its field; false when it concerns none of this form. */
function showFault(form, { field, detail }) {
  const place = form.querySelector(`[data-fault="${CSS.escape(field ?? "")}"]`);
  if (!place) return false;
  place.textContent = detail;
  place.hidden = false;
  form.elements[field].setAttribute("aria-invalid", "true");
  return true;
}

export function clearFaults(form) {
  form.querySelector("[data-message]").hidden = true;
  for (const place of form.querySelectorAll("[data-fault]")) place.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}
