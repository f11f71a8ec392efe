/** Letters at the edges of an image, from its direction cosines (PS3.3 C.7.6.2.1.1). */

const LETTERS = [
  ["L", "R"], // +x is towards the patient's left
  ["P", "A"], // +y towards the back
  ["H", "F"], // +z towards the head
] as const;

// A second letter is worth its place from about 15 degrees on.
const OBLIQUE = Math.sin((15 * Math.PI) / 180);

/** Name the direction of a unit vector in patient space: "L", or "LA" when oblique. */
export function letters(vector: readonly number[]): string {
  return vector
    .map((value, axis) => ({ value, axis }))
    .filter(({ value }) => Math.abs(value) > OBLIQUE)
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value))
    .slice(0, 2)
    .map(({ value, axis }) => LETTERS[axis]?.[value > 0 ? 0 : 1] ?? "")
    .join("");
}

export interface Edges {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

/** Name the four edges; empty where the file states no orientation. */
export function edges(orientation: readonly number[] | null): Edges {
  if (orientation === null || orientation.length !== 6) {
    return { left: "", right: "", top: "", bottom: "" };
  }
  const alongRow = orientation.slice(0, 3);
  const alongColumn = orientation.slice(3);
  const opposite = (vector: readonly number[]) => vector.map((value) => -value);
  return {
    left: letters(opposite(alongRow)),
    right: letters(alongRow),
    top: letters(opposite(alongColumn)),
    bottom: letters(alongColumn),
  };
}
