/** Names the machine: a key that cannot be taken out of this browser signs what the server asks.
 *
 * The key is made here, at a page that an administrator opens on the machine, and stays in
 * IndexedDB as a CryptoKey that is not extractable: scripts may use it, nobody can copy it.
 */

import { need } from "./dom.ts";
import { csrfToken, sendJson } from "./http.ts";

interface Answer {
  readonly point: string;
  readonly nonce: string;
  readonly signature: string;
}

const DATABASE = "annotation-ledger";
const STORE = "device";
const KEY = "key";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const AGAIN = 90_000; // a proof holds for two minutes: renewed while the page waits

/** On the sign-in page: show, again and again, which machine this is, if this browser knows. */
export function proveDevice(body: HTMLElement): void {
  const place = body.querySelector<HTMLElement>("[data-device-proof]");
  const { challengeUrl, proveUrl } = place?.dataset ?? {};
  if (!place || !challengeUrl || !proveUrl || !window.crypto.subtle) return;
  const prove = async (): Promise<void> => {
    const pair = await stored();
    if (!pair) return;
    const { nonce } = await sendJson<{ nonce: string }>("POST", challengeUrl, {});
    const answer = await answerTo(nonce, "sign-in", pair);
    const { device } = await sendJson<{ device: string }>("POST", proveUrl, answer);
    place.textContent = `This is ${device}, a registered device.`;
    place.hidden = false;
  };
  const quietly = (): void => void prove().catch(() => (place.hidden = true));
  quietly();
  window.setInterval(() => document.visibilityState === "visible" && quietly(), AGAIN);
}

/** On the page of a device: make a key here, show that it is held, and keep it. */
export function registerDevice(body: HTMLElement): void {
  const form = body.querySelector<HTMLFormElement>("form[data-device-register]");
  if (!form) return;
  const said = need<HTMLElement>(form, "[role=status]");
  const button = need<HTMLButtonElement>(form, "button");
  const { nonce, back } = form.dataset;
  if (!window.crypto.subtle || !csrfToken()) {
    said.textContent = "This browser keeps no keys here: open the page over HTTPS.";
    button.disabled = true;
    return;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.disabled = true;
    register(form.action, nonce ?? "")
      .then(() => window.location.assign(back ?? "/"))
      .catch((reason: unknown) => {
        said.textContent = reason instanceof Error ? reason.message : "It did not work.";
      });
  });
}

async function register(url: string, nonce: string): Promise<void> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  await sendJson("POST", url, await answerTo(nonce, "register", pair));
  await keep(pair);
}

async function answerTo(nonce: string, purpose: string, pair: CryptoKeyPair): Promise<Answer> {
  const message = new TextEncoder().encode(`accounts/v1 browser\n${purpose}\n${nonce}`);
  const signature = await crypto.subtle.sign(SIGNING, pair.privateKey, message);
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  return { point: text(point), nonce, signature: text(signature) };
}

function text(bytes: ArrayBuffer): string {
  const plain = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function stored(): Promise<CryptoKeyPair | undefined> {
  const store = (await opened()).transaction(STORE).objectStore(STORE);
  return (await done(store.get(KEY))) as CryptoKeyPair | undefined;
}

async function keep(pair: CryptoKeyPair): Promise<void> {
  const store = (await opened()).transaction(STORE, "readwrite").objectStore(STORE);
  await done(store.put(pair, KEY));
}

async function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser keeps no keys."));
  });
}
