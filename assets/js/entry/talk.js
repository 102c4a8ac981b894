/** Speaking with the address that saves cells. */

/** The server could not be reached, or could not answer: it is worth trying again. */
export class Unreachable extends Error {}

/** The server said no, in a sentence; trying the same again leads nowhere. */
export class Refused extends Error {
  /** @param {number} status @param {{message?: string, sign_in?: string}} answer */
  constructor(status, answer) {
    super(answer.message ?? "");
    this.status = status;
    this.signIn = answer.sign_in ?? "";
    this.otherUser = answer.other_user ?? false;
  }

  /** Whether it is worth asking again: whoever typed this may sign in again. */
  get waits() {
    return this.signIn !== "" || this.otherUser;
  }
}

const TIMEOUT = 20_000;

async function ask(address, options = {}) {
  let response;
  try {
    response = await fetch(address, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(TIMEOUT),
      ...options,
    });
  } catch {
    throw new Unreachable();
  }
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const answer = isJson ? await response.json().catch(() => null) : null;
  if (response.ok && answer) {
    return answer;
  }
  if (response.status >= 500 || response.status === 429 || (response.ok && !answer)) {
    throw new Unreachable();
  }
  throw new Refused(response.status, answer ?? {});
}

/** A token against forged posts that is good now, for the same user; all forms of the page get it. */
async function freshToken(address, { user, language = "" }) {
  const { csrf } = await ask(`${address}?${new URLSearchParams({ user, language })}`);
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    field.value = csrf;
  }
}

/**
 * Send fields to be saved. A sign-in in another tab makes the page's token useless: then once more
 * with a fresh one.
 * @param {string} address @param {Record<string, string>} fields @param {boolean} leaving
 */
export async function send(address, fields, leaving = false) {
  const post = () => {
    const csrf = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
    const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: csrf });
    return ask(address, { method: "POST", body, keepalive: leaving && String(body).length < 60_000 });
  };
  try {
    return await post();
  } catch (problem) {
    if (!(problem instanceof Refused && problem.status === 403 && !problem.message)) {
      throw problem;
    }
    await freshToken(address, fields);
    return post();
  }
}

/** A mark for one change, so that the same one sent again is known. */
export function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
