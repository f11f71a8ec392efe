/**
 * What the user trusts, as fields: text to paste, or files to choose.
 *
 * @typedef {import("./given.js").GivenTexts} GivenTexts
 * @typedef {{name: keyof GivenTexts, label: string, rows: number, hint: string, lines: boolean, placeholder: string}} FieldForm
 */
import { byId, el, having } from "./dom.js";

/** @type {FieldForm[]} */
const FORMS = [
  { name: "keys", label: "Key of the log", rows: 2, lines: true, hint: "One key a line, name+id+base64. That of the organisation's stream serves all.", placeholder: "" },
  { name: "checkpoints", label: "Reference checkpoint, if you kept one", rows: 4, lines: false, hint: "The whole note with its signature line.", placeholder: "" },
  { name: "receipts", label: "Receipt, if you hold one", rows: 2, lines: false, hint: "The JSON as it was handed to you.", placeholder: "" },
  { name: "witnesses", label: "Witness keys", rows: 2, lines: true, hint: "One a line. One of them must have cosigned each newest checkpoint.", placeholder: "" },
  { name: "tsa", label: "Certificate of the time-stamp authority", rows: 2, lines: false, hint: "PEM: the authority's own, or the root above it.", placeholder: "" },
];
const ALWAYS_SHOWN = 2;
const TOO_LARGE = 4 * 1024 * 1024;

/** One kind of thing the user gives: a text area and any number of files. */
class Field {
  /** @param {FieldForm} form */
  constructor(form) {
    this.form = form;
    /** @type {{name: string, text: string}[]} */
    this.files = [];
    const id = `give-${form.name}`;
    const hint = `${id}-hint`;
    this.area = /** @type {HTMLTextAreaElement} */ (having(el("textarea"), { id, rows: String(form.rows), spellcheck: "false", autocomplete: "off", "aria-describedby": hint }));
    this.input = /** @type {HTMLInputElement} */ (having(el("input.hidden-file"), { type: "file", multiple: "", tabindex: "-1", "aria-hidden": "true" }));
    const choose = having(el("button.btn.btn-sm", "From a file"), { type: "button", "aria-label": `${form.label}: from a file` });
    this.list = el("ul");
    choose.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => void this.takeFiles());
    const label = having(el("label", form.label), { for: id });
    this.root = el("div.field", label, this.area, el("div.row", having(el("span.xs.muted.grow", form.hint), { id: hint }), choose, this.input), this.list);
  }

  async takeFiles() {
    for (const file of this.input.files ?? []) {
      if (file.size < TOO_LARGE) this.files.push({ name: file.name, text: await file.text() });
    }
    this.input.value = "";
    this.drawFiles();
  }

  drawFiles() {
    this.list.replaceChildren(...this.files.map((file, i) => {
      const remove = having(el("button.btn.btn-sm", "Remove"), { type: "button", "aria-label": `Remove ${file.name}` });
      remove.addEventListener("click", () => {
        this.files.splice(i, 1);
        this.drawFiles();
        this.area.focus();
      });
      return el("li", el("span.grow", file.name), remove);
    }));
  }

  /** @returns {string[]} one text for each thing given */
  get texts() {
    const whole = [this.area.value, ...this.files.map((file) => file.text)].filter((text) => text.trim());
    if (this.form.lines) return whole.flatMap((text) => text.split(/\s+/).filter(Boolean));
    return whole.map((text) => (this.form.name === "checkpoints" ? noteText(text) : text.trim()));
  }
}

/** @param {string} text as pasted @returns {string} with one line end at the end, as a note has */
function noteText(text) {
  return `${text.replace(/\r\n/g, "\n").replace(/^\n+|\n+$/g, "")}\n`;
}

/** @returns {() => GivenTexts} draws the fields; the function reads them */
export function drawFields() {
  const fields = FORMS.map((form) => new Field(form));
  const more = el("details", el("summary", "Receipts, witnesses, time stamps"), ...fields.slice(ALWAYS_SHOWN).map((field) => field.root));
  byId("trust").prepend(...fields.slice(0, ALWAYS_SHOWN).map((field) => field.root));
  byId("trust").append(more);
  return () => Object.fromEntries(fields.map((field) => [field.form.name, field.texts]));
}
