/**
 * The player's keys for the whole page: what is pressed while nothing has the focus goes to the
 * player, whose controls know the keys (space or k, m, f, c, arrows).
 */

export function forwardKeys(controller) {
  for (const type of ["keydown", "keyup"]) {
    document.addEventListener(type, (event) => forward(event, controller));
  }
}

function forward(event, controller) {
  if (event.target !== document.body || event.ctrlKey || event.defaultPrevented) return;
  const { type, key, code, shiftKey, altKey, metaKey } = event;
  const copy = { key, code, shiftKey, altKey, metaKey, cancelable: true };
  const taken = !controller.dispatchEvent(new KeyboardEvent(type, copy));
  if (taken) event.preventDefault();
}
