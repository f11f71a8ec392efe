/** Talks to our own server: JSON, the CSRF token, and refusals as errors with a sentence. */

/** The server answered and refused; `message` is its own sentence. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** No answer came: the network, or the server, is away. */
export class Offline extends Error {}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** Fetch from our own origin; raises Offline or Refused, never returns a refusal. */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", ...init });
  } catch {
    throw new Offline("No connection to the server.");
  }
  if (response.redirected && !response.headers.get("Content-Type")?.includes("json")) {
    throw new Refused(401, "signed_out", "You are signed out.");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function getJson<T>(url: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await ask(url, { headers: { Accept: "application/json", ...headers } });
  return (await response.json()) as T;
}

export async function sendJson<T>(method: "PUT" | "POST", url: string, body: unknown): Promise<T> {
  const response = await ask(url, {
    method,
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

async function refusal(response: Response): Promise<Refused> {
  const fallback = `The server answered ${response.status}. Nothing was changed.`;
  try {
    const said = (await response.json()) as { code?: string; message?: string; detail?: string };
    return new Refused(response.status, said.code ?? "", said.message ?? said.detail ?? fallback);
  } catch {
    return new Refused(response.status, "", fallback);
  }
}
