/** Tables wider than their place scroll sideways; then the keyboard must reach them (2.1.1). */

function mark(region: HTMLElement): void {
  const scrolls = region.scrollWidth > region.clientWidth;
  const name = region.querySelector("caption")?.textContent?.trim() ?? "Table";
  for (const [attribute, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", `${name}, scrolls sideways`]] as const) {
    if (scrolls) region.setAttribute(attribute, value);
    else region.removeAttribute(attribute);
  }
}

/** Keep watch over every wide table below `root`, also when the window changes its size. */
export function scrolling(root: ParentNode): void {
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) mark(target as HTMLElement);
  });
  for (const region of root.querySelectorAll<HTMLElement>(".table-responsive")) watcher.observe(region);
}
