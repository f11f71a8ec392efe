/** What every page loads: the theme, htmx, and the manners of the place. */

import "./site.css";
import htmx from "htmx.org";

import { proveDevice, registerDevice } from "./device.ts";
import { importDrops } from "./import.ts";
import { manners } from "./pages.ts";
import { scrolling } from "./scrolling.ts";
import { watchSession } from "./session.ts";

// The content security policy refuses eval and inline styles; pages with images are never kept.
Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
});

manners();
scrolling(document);
document.body.addEventListener("htmx:load", (event) => scrolling(event.target as HTMLElement));
importDrops();
watchSession(document.body);
proveDevice(document.body);
registerDevice(document.body);
