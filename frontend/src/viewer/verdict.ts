/** The reviewer's form: accept, correct or reject, with a reason where one is owed. */

import { need } from "../site/dom.ts";
import { type Decision, lacks } from "./decision.ts";
import type { HandIn } from "./hand_in.ts";
import { sameContent, type Marks } from "./marks.ts";
import type { Item } from "./types.ts";
import type { Room } from "./room.ts";

/** Connect the form; `edit` opens and closes the marks for correction. */
export function review(
  room: Room,
  item: Item,
  marks: Marks,
  handIn: HandIn,
  edit: (on: boolean) => void,
): void {
  const form = room.el<HTMLFormElement>("review-form");
  const why = need<HTMLTextAreaElement>(form, "#review-reason");
  const button = need<HTMLButtonElement>(form, "button");
  const fault = (message: string) => {
    const line = room.el("review-fault");
    line.hidden = message === "";
    line.textContent = message;
  };
  const chosen = () => new FormData(form).get("decision") as Decision | null;

  room.el("review").hidden = false;
  form.addEventListener("change", (event) => {
    // Leaving the reason also is a change; moving the button then would swallow the click on it.
    if (event.target === why) return;
    const decision = chosen();
    room.el("review-why").hidden = decision === null || decision === "accept";
    room.el("review-next").hidden = decision === "reject";
    button.textContent = decision === "reject" ? "Record and return it" : "Record and go on to sign";
    button.setAttribute("aria-disabled", String(decision === null));
    edit(decision === "correct");
    fault("");
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const decision = chosen();
    const wrong = lacks(decision, why.value.trim(), sameContent(item.annotations, marks.all));
    fault(wrong);
    if (wrong === "" && decision !== null) void handIn.decide(decision, why.value.trim(), fault);
    else if (decision !== null && decision !== "accept") why.focus();
  });
}
