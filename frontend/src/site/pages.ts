/** Small manners of every page: copying digests, dialogs, keys in lists, progress of jobs. */

import { csrfToken, getJson } from "./http.ts";

/** Copy the whole digest and say so where it was pressed. */
function copyButtons(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (button === null) return;
    const name = button.getAttribute("aria-label") ?? "";
    navigator.clipboard.writeText(button.dataset["copy"] ?? "").then(
      () => announce(button, name, "Copied"),
      () => announce(button, name, "Not copied: the browser refused"),
    );
  });
}

function announce(button: HTMLElement, name: string, said: string): void {
  button.setAttribute("aria-label", said);
  button.title = said;
  window.setTimeout(() => {
    button.setAttribute("aria-label", name);
    button.title = "";
  }, 2000);
}

/** Buttons with data-dialog open the dialog of that id; data-close closes its own. */
function dialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-dialog]");
    const dialog = document.getElementById(opener?.dataset["dialog"] ?? "");
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
    else target.closest("[data-close]")?.closest("dialog")?.close();
  });
}

/** J and K go down and up the rows of a list, "/" goes to the find field. */
function keys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || writing(event.target)) return;
    if (document.querySelector("dialog[open], #reading") !== null) return;
    if (event.key === "/") {
      const find = document.querySelector<HTMLElement>('.find input, input[type="search"]');
      if (find === null) return;
      event.preventDefault();
      find.focus();
    } else if (event.key === "j" || event.key === "k") {
      step(event.key === "j" ? 1 : -1);
    }
  });
}

function writing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;
}

const LISTED = "main tbody a, main .list a, main .list button, main summary";

function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>(LISTED)]
    .filter((link) => link.checkVisibility()) // what is folded away cannot be stepped on
    .map((link) => link.closest<HTMLElement>("tr, li, summary"))
    .filter((row, i, all): row is HTMLElement => row !== null && all.indexOf(row) === i);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 && by < 0 ? rows.length - 1 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  if (next?.matches("summary")) next.focus();
  else next?.querySelector<HTMLElement>("a, button")?.focus();
}

/** What is folded is printed too: opened before, folded again after. */
function printing(): void {
  let opened: HTMLDetailsElement[] = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>("main details:not([open])")];
    for (const details of opened) details.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
}

/** Every request that htmx makes carries the token that Django asks for. */
function htmxToken(): void {
  document.body.addEventListener("htmx:configRequest", (event) => {
    const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
    headers["X-CSRFToken"] = csrfToken();
  });
}

interface Progress {
  readonly done: number;
  readonly total: number;
  readonly text: string;
  readonly finished: boolean;
}

/** Follow a job: [data-progress-url] holds a progress and a text, and is loaded anew at the end. */
function progress(): void {
  for (const box of document.querySelectorAll<HTMLElement>("[data-progress-url]")) void follow(box);
}

async function follow(box: HTMLElement): Promise<void> {
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-progress-text]");
  for (let spoken = 0; box.isConnected; ) {
    try {
      const now = await getJson<Progress>(box.dataset["progressUrl"] ?? "", { "X-Poll": "1" });
      if (bar !== null) [bar.max, bar.value] = [Math.max(now.total, 1), now.done];
      // A live region speaks at most every five seconds.
      if (text !== null && (now.finished || Date.now() - spoken > 5000)) {
        text.textContent = now.text;
        spoken = Date.now();
      }
      if (now.finished) return window.location.reload();
    } catch (reason) {
      if (text !== null) text.textContent = reason instanceof Error ? reason.message : "No answer.";
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** A form that is on its way is not sent twice. */
function once(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method === "dialog" || event.defaultPrevented) return;
    if (form.dataset["sent"] === "1") event.preventDefault();
    else if (form.method === "post") {
      form.dataset["sent"] = "1";
      window.setTimeout(() => delete form.dataset["sent"], 5000); // a download leaves the page as it is
    }
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLElement>("form[data-sent]")) delete form.dataset["sent"];
  });
}

export function manners(): void {
  copyButtons();
  dialogs();
  keys();
  printing();
  htmxToken();
  progress();
  once();
}
