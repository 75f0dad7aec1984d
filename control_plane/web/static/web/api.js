/** Calls of this site's own API: JSON both ways, and refusals as `Problem`. */

const csrfToken = () => document.querySelector("meta[name=csrf-token]").content;

/** What the server said instead of doing it (RFC 9457), or that it said nothing (status 0). */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail || body.title || "The server could not be reached.");
    this.name = "Problem";
    this.status = status;
    this.code = body.code ?? "";
    this.body = body;
  }
}

/** Headers that prove to the server that a request comes from its own pages. */
export const csrfHeaders = () => ({ "X-CSRFToken": csrfToken() });

/** Send `body` as JSON; resolve to the parsed answer, or null when it is empty. */
export async function send(method, url, body) {
  const answer = await fetchOrFail(url, {
    method,
    credentials: "same-origin",
    headers: { Accept: "application/json", "Content-Type": "application/json", ...csrfHeaders() },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const parsed = await parse(answer);
  if (!answer.ok) throw new Problem(answer.status, parsed ?? {});
  return parsed;
}

export const post = (url, body = {}) => send("POST", url, body);

async function fetchOrFail(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    throw new Problem(0);
  }
}

async function parse(answer) {
  const text = await answer.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
