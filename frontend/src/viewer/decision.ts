/** The rules of a reviewer's decision that can be known before the server is asked. */

export type Decision = "accept" | "reject" | "correct";

/** Say what a decision still lacks; empty when it can be recorded. */
export function lacks(decision: Decision | null, reason: string, unchanged: boolean): string {
  if (decision === null) return "Choose accept, correct or reject.";
  if (decision === "correct" && unchanged) return "Nothing is corrected yet: change a mark, or accept.";
  if (decision === "accept" && !unchanged) return "You changed marks: choose correct, or undo your changes.";
  if (decision !== "accept" && reason === "") return "Say why: the author and the record need your words.";
  return "";
}
