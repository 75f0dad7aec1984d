/** Calls of this site's own API: JSON both ways, and refusals as `Problem`. */

/** Read each time: logging in, in this page or another, changes it. */
const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

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

/** Fetch from this site; resolve to a successful response, reject with a `Problem`. */
export async function request(method, url, { headers = {}, body } = {}) {
  const answer = await fetch(url, {
    method,
    body,
    credentials: "same-origin",
    headers: { Accept: "application/json", ...csrfHeaders(), ...headers },
  }).catch(() => Promise.reject(new Problem(0)));
  if (!answer.ok) throw new Problem(answer.status, (await parse(answer)) ?? {});
  return answer;
}

/** Send `body` as JSON; resolve to the parsed answer, or null when it is empty. */
export async function send(method, url, body) {
  const headers = { "Content-Type": "application/json" };
  return parse(await request(method, url, { headers, body: JSON.stringify(body) }));
}

export const post = (url, body = {}) => send("POST", url, body);

async function parse(answer) {
  const text = await answer.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
