/** A message in the place of the player: what is the matter, and what can be done about it. */

/**
 * Show a notice in `stage`. `actions` are links (`href`) or buttons (`run`), the first of which
 * is the recommended one; `reference` is an id that an administrator can look up.
 */
export function showNotice(stage, { title, text = "", reference = "", actions = [] }) {
  const notice = stage.querySelector("[data-notice]");
  notice.ariaLive = "assertive";
  notice.querySelector("[data-progress]").hidden = true;
  notice.querySelector("[data-title]").textContent = title;
  notice.querySelector("[data-text]").textContent = text;
  notice.querySelector("[data-reference]").hidden = !reference;
  notice.querySelector("[data-reference] code").textContent = reference;
  notice.querySelector("[data-actions]").replaceChildren(...actions.map(makeAction));
  stage.querySelector("media-controller").hidden = true;
  notice.hidden = false;
}

export function hideNotice(stage) {
  stage.querySelector("[data-notice]").hidden = true;
  stage.querySelector("media-controller").hidden = false;
}

function makeAction({ label, href, run }, index) {
  const action = document.createElement(href ? "a" : "button");
  if (href) action.href = href;
  else action.addEventListener("click", run);
  action.className = index === 0 ? "button primary" : "button";
  action.textContent = label;
  return action;
}

/** Show in a notice how much of something (0 to 1) is done; nobody is told of every percent. */
export function showProgress(stage, fraction, text) {
  const notice = stage.querySelector("[data-notice]");
  const bar = notice.querySelector("[data-progress]");
  notice.ariaLive = "off";
  bar.value = fraction;
  bar.hidden = false;
  notice.querySelector("[data-text]").textContent = text;
}
