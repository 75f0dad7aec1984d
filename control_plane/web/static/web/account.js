/** The account forms: each posts its fields to the accounts' API and says what came of it. */

import { Problem, post } from "./api.js";
import { clearFaults, showDone, showFaults } from "./forms.js";

const AUTH = "/api/v1/browser/auth";

/**
 * Where a form goes, and what its answer means. The API answers 401 to everything that leaves
 * the visitor logged out, however well it went: `pending` is said where an address waits to be
 * confirmed, `done` where nothing is missing but logging in. It answers 409 (`conflict`) to who
 * is logged in already.
 */
const ACTIONS = {
  "log-in": {
    url: `${AUTH}/login`,
    leave: (form) => form.dataset.destination,
    pending: "Your address is not confirmed yet. We have sent you the link again.",
    waiting: "An administrator has yet to let you in. You will get a mail.",
  },
  "second-step": {
    url: `${AUTH}/2fa/authenticate`,
    leave: (form) => form.dataset.destination,
    lapsed: "That took too long. Load the page again, and begin with the password.",
  },
  "sign-up": {
    url: `${AUTH}/signup`,
    leave: () => "/",
    pending: "Almost there: open the link that we have sent to your address.",
  },
  password: {
    url: "/api/v1/browser/account/password/change",
    done: "Your password is saved. All other log-ins have ended.",
  },
  "provider-sign-up": {
    url: `${AUTH}/provider/signup`,
    leave: (form) => form.dataset.destination,
    pending: "Almost there: open the link that we have sent to your address.",
  },
  verify: {
    url: `${AUTH}/email/verify`,
    leave: () => "/",
    done: "Your address is confirmed. You can log in now.",
  },
  "forgot-password": {
    url: `${AUTH}/password/request`,
    done: "If there is an account with this address, a link is on its way to it.",
  },
  "new-password": {
    url: `${AUTH}/password/reset`,
    leave: () => "/",
    done: "Your new password is saved. You can log in with it now.",
  },
};

for (const form of document.querySelectorAll("form[data-account]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, ACTIONS[form.dataset.account]);
  });
}

async function submit(form, action) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  clearFaults(form);
  try {
    await post(action.url, Object.fromEntries(new FormData(form)));
    if (action.leave) location.assign(action.leave(form));
    else showDone(form, action.done);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    judge(form, action, error);
  } finally {
    button.disabled = false;
  }
}

function judge(form, action, problem) {
  if (problem.code === "mfa_authenticate_pending") showSecondStep(problem);
  else if (problem.code === "verify_email_pending" && action.pending) showDone(form, action.pending);
  else if (problem.code === "approval_pending" && action.waiting) showDone(form, action.waiting);
  else if (problem.code === "not_authenticated" && action.done)
    showDone(form, form.dataset.afterwards ?? action.done);
  else if (problem.code === "conflict" && action.leave) location.assign(action.leave(form));
  else if (problem.code === "not_authenticated" && action.lapsed)
    showFaults(form, new Problem(0, { detail: action.lapsed }));
  else showFaults(form, problem);
}

/** The form for what is asked after the password, with a passkey where there is one. */
function showSecondStep(problem) {
  const { types } = problem.body.data.flows.find((flow) => flow.is_pending);
  const next = document.querySelector('form[data-account="second-step"]');
  next.querySelector("[data-passkey]").hidden ||= !types.includes("webauthn");
  for (const other of document.querySelectorAll("form")) other.hidden = other !== next;
  next.elements.code.focus();
}
