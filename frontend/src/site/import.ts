/** Sends chosen or dropped files to an import, a few at a time, without their names. */

import { need } from "./dom.ts";
import { ask, csrfToken, getJson, sendJson, Offline, Refused } from "./http.ts";

const AT_ONCE = 2;
const RETRIES = 5;
const PAUSE_MS = 3000;

type Begun = { page: string; files: string };
type Known = { arrived: number[]; listed: number };

/** Make each place for files on the page work. */
export function importDrops(root: ParentNode = document): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-import]")) new Drop(place);
}

class Drop {
  private readonly place: HTMLElement;
  private readonly says: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private busy = false;

  constructor(place: HTMLElement) {
    this.place = place;
    this.says = need(place, "[data-import-says]");
    this.bar = need(place, "[data-import-bar]");
    for (const kind of ["files", "folder"]) this.listen(kind);
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer) void dropped(event.dataTransfer).then((files) => this.take(files));
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.busy) event.preventDefault();
    });
  }

  private listen(kind: string): void {
    const input = need<HTMLInputElement>(this.place, `[data-import-${kind}]`);
    need(this.place, `[data-import-pick="${kind}"]`).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      void this.take([...(input.files ?? [])]);
      input.value = "";
    });
  }

  private async take(files: File[]): Promise<void> {
    if (this.busy || files.length === 0) return;
    const inOrder = files.toSorted((one, other) => (path(one) < path(other) ? -1 : 1));
    this.busy = true;
    this.place.setAttribute("aria-busy", "true");
    try {
      await this.send(inOrder);
    } catch (error) {
      if (!(error instanceof Offline || error instanceof Refused)) throw error;
      this.say(`${error.message} What arrived is kept; choose the same files to go on.`);
    } finally {
      this.busy = false;
      this.place.removeAttribute("aria-busy");
    }
  }

  private async send(files: File[]): Promise<void> {
    const { begun, known } = await this.batch(files);
    if (known.listed !== files.length) {
      this.say(
        `This import listed ${known.listed} files, you chose ${files.length}. ` +
          "Choose exactly the same ones.",
      );
      return;
    }
    const arrived = new Set(known.arrived);
    const left = files
      .map((file, at) => ({ file, number: at + 1 }))
      .filter(({ number }) => !arrived.has(number));
    const refused: string[] = [];
    this.bar.hidden = false;
    this.bar.max = files.length;
    this.progress(files.length - left.length, files.length);
    const next = async (): Promise<void> => {
      for (let job = left.shift(); job; job = left.shift()) {
        const reason = await this.sendOne(`${begun.files}${job.number}/`, job.file);
        if (reason) refused.push(`File ${job.number}: ${reason}`);
        this.progress(this.bar.value + 1, files.length);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    this.busy = false;
    if (refused.length === 0) window.location.assign(begun.page);
    else this.say(refused.join(" "));
  }

  /** Go on with the import this page is about, or begin one. */
  private async batch(files: File[]): Promise<{ begun: Begun; known: Known }> {
    const { import: imports = "", batch } = this.place.dataset;
    if (batch) {
      const known = await getJson<Known>(batch, { "X-Poll": "1" });
      return { begun: { page: window.location.pathname, files: `${batch}files/` }, known };
    }
    const begun = await sendJson<Begun>("POST", imports, { listed: files.length });
    return { begun, known: { arrived: [], listed: files.length } };
  }

  /** Send one file; return why it was refused, or "". A lost connection is tried again. */
  private async sendOne(url: string, file: File): Promise<string> {
    if (file.size > Number(this.place.dataset["limit"])) return "It is larger than this site takes.";
    for (let attempt = 1; ; attempt += 1) {
      try {
        await ask(url, {
          method: "POST",
          headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": csrfToken() },
          body: new Blob([file]),
        });
        return "";
      } catch (error) {
        if (error instanceof Refused && error.status >= 400 && error.status < 500) {
          if (error.status === 401 || error.status === 403) throw error;
          return error.message;
        }
        if (attempt === RETRIES) throw error;
        this.say("No connection. Trying again; nothing is sent twice.");
        await new Promise((done) => setTimeout(done, PAUSE_MS * attempt));
      }
    }
  }

  private progress(sent: number, of: number): void {
    this.bar.value = sent;
    this.say(`${sent} of ${of} files sent. Keep this page open until all are.`);
  }

  private say(words: string): void {
    this.says.textContent = words;
  }
}

function path(file: File): string {
  return file.webkitRelativePath || file.name;
}

/** Return the files dropped, those of dropped folders included. */
async function dropped(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const found = await Promise.all(entries.map((entry) => (entry ? below(entry) : [])));
  return found.flat();
}

async function below(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) =>
      (entry as FileSystemFileEntry).file(done, failed),
    );
    return [file];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    // a reader gives a folder in portions until one is empty
    const portion = await new Promise<FileSystemEntry[]>((done, failed) =>
      reader.readEntries(done, failed),
    );
    if (portion.length === 0) return files;
    for (const each of portion) files.push(...(await below(each)));
  }
}
