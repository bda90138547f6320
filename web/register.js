// Registers the service worker of a release, once the page is there: the first visit is not to wait for what only the
// second one needs.

import { register } from "./offline.js";

addEventListener("load", () => register().catch((error) => console.warn("offline:", error)));
